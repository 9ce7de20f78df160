import { describe, expect, it } from 'vitest';
import { niceTicks, spread, trendPath, trendSince } from './trend';

describe('trendPath', () => {
  it('goes from the left edge to the right one, the largest value highest', () => {
    expect(trendPath([0, 5, 10], 20, 14).line).toBe('M0.0,12.0L10.0,7.0L20.0,2.0');
  });

  it('lays a size that never changes in the middle', () => {
    expect(trendPath([7, 7], 10, 14).line).toBe('M0.0,7.0L10.0,7.0');
  });

  it('closes the area along the ground', () => {
    expect(trendPath([1, 2], 10, 14).area.endsWith('L10.0,14L0,14Z')).toBe(true);
  });
});

describe('trendSince', () => {
  const now = Date.parse('2026-06-10T12:00:00Z');

  it('begins with the segment', () => {
    expect(trendSince([0, 0, 0, 4, 5], '2026-06-08T12:00:00Z', now)).toEqual([0, 4, 5]);
    expect(trendSince([0, 0, 0, 4, 5], '2026-06-10T11:00:00Z', now)).toEqual([5]);
  });

  it('has no more than there is', () => {
    expect(trendSince([1, 2], '2020-01-01T00:00:00Z', now)).toEqual([1, 2]);
  });
});

describe('niceTicks', () => {
  it('takes round steps that reach over the largest value', () => {
    expect(niceTicks(0, 87)).toEqual([0, 50, 100]);
    expect(niceTicks(0, 2841)).toEqual([0, 1000, 2000, 3000]);
  });

  it('begins at or below the smallest value', () => {
    expect(niceTicks(9_940, 10_020)[0]).toBeLessThanOrEqual(9_940);
  });

  it('never speaks of parts of people', () => {
    expect(niceTicks(0, 0)).toEqual([0, 1]);
    expect(niceTicks(0, 2)).toEqual([0, 1, 2]);
  });
});

describe('spread', () => {
  it('always has the last place, and no more than asked for', () => {
    expect(spread(31, 6).at(-1)).toBe(30);
    expect(spread(31, 6).length).toBeLessThanOrEqual(6);
    expect(spread(2, 6)).toEqual([0, 1]);
    expect(spread(0, 6)).toEqual([]);
  });
});
