import { describe, expect, it } from 'vitest';
import {
  durationFromWords,
  durationParts,
  durationSeconds,
  durationWords,
  isoDuration,
  smallerUnit,
} from './ruleDuration';

describe('durations', () => {
  it.each([
    ['PT1H', '1 hour'],
    ['P7D', '7 days'],
    ['P1DT12H', '1 day 12 hours'],
    ['PT90M', '90 minutes'],
    ['P2W', '2 weeks'],
  ])('%s reads %s and back', (iso, words) => {
    expect(durationWords(iso)).toBe(words);
    expect(durationFromWords(words)).toBe(iso);
  });
  it.each(['P', 'PT', 'P1M', 'P1Y', 'PT0S', '-P1D', '1 day', 'P1DT', ''])('%s is none', (iso) => {
    expect(durationParts(iso)).toBeNull();
    expect(durationWords(iso)).toBe(iso);
  });
  it.each(['', 'soon', '3 months', '0 days', '1 day or so'])('%s is not understood', (words) => {
    expect(durationFromWords(words)).toBeNull();
  });
  it('understands how people shorten', () => {
    expect(durationFromWords('90min')).toBe('PT90M');
    expect(durationFromWords('1 week, 2 days and 3h')).toBe('P1W2DT3H');
  });
  it('is put together from parts, in any order', () => {
    expect(
      isoDuration([
        { n: 12, unit: 'hour' },
        { n: 1, unit: 'day' },
      ]),
    ).toBe('P1DT12H');
    expect(isoDuration([{ n: 90, unit: 'minute' }])).toBe('PT90M');
    expect(isoDuration([{ n: 0, unit: 'day' }])).toBeNull();
    expect(isoDuration([{ n: 1.5, unit: 'day' }])).toBeNull();
    expect(durationSeconds('P1DT12H')).toBe(129_600);
  });
  it('offers the next smaller unit', () => {
    expect(smallerUnit([{ n: 1, unit: 'day' }])).toBe('hour');
    expect(smallerUnit([{ n: 1, unit: 'second' }])).toBeUndefined();
  });
});
