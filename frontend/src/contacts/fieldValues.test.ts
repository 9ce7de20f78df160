import { describe, expect, it } from 'vitest';
import { parsed, shown, written } from './fieldValues';

describe('values of fields', () => {
  it('are read from what was typed, by type', () => {
    expect(parsed('12.5', 'number')).toBe(12.5);
    expect(parsed('twelve', 'number')).toBeUndefined();
    expect(parsed('a, b ,', 'list')).toEqual(['a', 'b']);
    expect(parsed('2026-05-01T09:00', 'datetime')).toBe('2026-05-01T09:00:00.000Z');
    expect(parsed('false', 'boolean')).toBe(false);
    expect(parsed(' padded ', 'string')).toBe(' padded ');
  });
  it('are erased by an empty input, whatever the type', () => {
    for (const type of ['string', 'number', 'boolean', 'datetime', 'list'] as const) {
      expect(parsed('  ', type)).toBeNull();
    }
  });
  it('come back as they were written', () => {
    expect(written(['a', 'b'], 'list')).toBe('a, b');
    expect(written('2026-05-01T09:00:00.000000Z', 'datetime')).toBe('2026-05-01T09:00');
    expect(written(null, 'string')).toBe('');
  });
  it('are shown in words, and as nothing where they are missing', () => {
    expect(shown(true, 'boolean')).toBe('yes');
    expect(shown(1234567, 'number')).toBe('1,234,567');
    expect(shown('', 'string')).toBe('');
    expect(shown({ a: 1 }, 'string')).toBe('{"a":1}');
  });
});
