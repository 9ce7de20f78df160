import { expect, test } from 'vitest';
import { sumOf, tallest } from './days';

test('days without anything have a height to be drawn by', () => {
  expect(tallest([])).toBe(1);
  expect(tallest([0, 0])).toBe(1);
  expect(tallest([2, 7, 3])).toBe(7);
});

test('days are summed', () => {
  expect(sumOf([])).toBe(0);
  expect(sumOf([2, 7, 3])).toBe(12);
});
