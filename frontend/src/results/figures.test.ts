import { describe, expect, it } from 'vitest';
import { dayOf, share } from './figures';

describe('figures of the results', () => {
  it('says shares with one place where it tells something', () => {
    expect(share(0)).toBe('0 %');
    expect(share(0.5)).toBe('50 %');
    expect(share(0.1234)).toBe('12.3 %');
  });

  it('knows the date of a day by its beginning east and west of Greenwich', () => {
    expect(dayOf('2026-11-22T00:00:00Z')).toBe('2026-11-22');
    expect(dayOf('2026-11-21T23:00:00Z')).toBe('2026-11-22');
    expect(dayOf('2026-11-22T08:00:00Z')).toBe('2026-11-22');
  });
});
