import { expect, it } from 'vitest';
import { amountOf, durationWords, seconds } from './duration';

it.each([
  ['PT1H', 3600],
  ['P1DT12H', 129_600],
  ['P2W', 1_209_600],
  ['PT90M', 5400],
  ['-P3D', -259_200],
])('%s has %d seconds', (iso, expected) => {
  expect(seconds(iso)).toBe(expected);
});

it.each(['', 'P', 'PT', 'P1M', 'P1Y', '1h', null, undefined])('%s is no duration', (iso) => {
  expect(seconds(iso)).toBeNull();
});

it.each([
  ['PT1H', { amount: 1, unit: 'hour' }],
  ['PT90M', { amount: 90, unit: 'minute' }],
  ['P7D', { amount: 7, unit: 'day' }],
  ['P2W', { amount: 2, unit: 'week' }],
  ['-P3D', { amount: -3, unit: 'day' }],
  ['PT45S', { amount: 45, unit: 'second' }],
])('%s is one number and a unit', (iso, expected) => {
  expect(amountOf(iso)).toEqual(expected);
});

it.each([
  ['PT1H', '1 hour'],
  ['P1DT2H', '1 day 2 hours'],
  ['PT26H', '26 hours'],
  ['PT100M', '1 hour 40 minutes'],
  ['P14D', '14 days'],
])('%s is read "%s"', (iso, words) => {
  expect(durationWords(iso)).toBe(words);
});
