import { describe, expect, it } from 'vitest';
import { dayOf, localDay, periodOfDays, share } from './figures';

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

  it('takes whole days where the viewer is, the last one included', () => {
    const period = periodOfDays('2026-11-20', '2026-11-22');
    expect(localDay(new Date(period.from))).toBe('2026-11-20');
    expect(localDay(new Date(new Date(period.to).getTime() - 1))).toBe('2026-11-22');
    expect(new Date(period.to).getHours()).toBe(0);
  });
});
