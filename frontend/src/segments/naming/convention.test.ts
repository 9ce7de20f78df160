import { describe, expect, it } from 'vitest';
import type { NamePart } from '../types';
import { dateAs, exampleName, partKey, usualValue } from './convention';

const DAY = new Date(2026, 5, 3);
const part = (given: Partial<NamePart>): NamePart => ({
  key: 'x',
  label: 'X',
  kind: 'text',
  choices: [],
  format: 'YYYY-MM',
  required: true,
  ...given,
});

describe('dateAs', () => {
  it('writes a day as the convention does', () => {
    expect(dateAs('YYYY-MM', DAY)).toBe('2026-06');
    expect(dateAs('YYYYMMDD', DAY)).toBe('20260603');
    expect(dateAs('YYYY', DAY)).toBe('2026');
    expect(dateAs(undefined, DAY)).toBe('2026-06');
  });
});

describe('usualValue', () => {
  it('is today for a date, and who asks for an owner that is wanted', () => {
    expect(usualValue(part({ kind: 'date', format: 'YYYY' }), DAY, 'Ada')).toBe('2026');
    expect(usualValue(part({ kind: 'owner' }), DAY, 'Ada')).toBe('Ada');
    expect(usualValue(part({ kind: 'owner', required: false }), DAY, 'Ada')).toBe('');
    expect(usualValue(part({}), DAY, 'Ada')).toBe('');
  });
});

describe('exampleName', () => {
  it('joins an example of each part by the separator', () => {
    const parts = [
      part({ kind: 'date', format: 'YYYY-MM' }),
      part({ kind: 'choice', choices: ['Sales', 'Product'] }),
      part({ label: 'Campaign' }),
    ];
    expect(exampleName({ parts, separator: ' / ' }, DAY, 'Ada')).toBe('2026-06 / Sales / Campaign');
  });
});

describe('partKey', () => {
  it('is a slug that no other part has', () => {
    expect(partKey('Région / Zone', [])).toBe('region-zone');
    expect(partKey('Date', ['date', 'date-2'])).toBe('date-3');
    expect(partKey('…', [])).toBe('part');
  });
});
