import { expect, it } from 'vitest';
import type { NodeCounts } from '@/api/types';
import { HOTTEST, heatLevel, heatOf, levelFrom } from './heat';

const node = (here: number, entered: number): NodeCounts => ({
  here,
  entered,
  left: entered - here,
  failed: 0,
  next_due: null,
  out: {},
});

it('has a level for everybody but nobody, and the hottest for the most', () => {
  expect(heatLevel(0, 100)).toBe(0);
  expect(heatLevel(1, 1_000_000)).toBe(1);
  expect(heatLevel(100, 100)).toBe(HOTTEST);
  expect(heatLevel(5, 0)).toBe(0);
});

it('says where each level begins', () => {
  for (const most of [1, 7, 100, 4_206]) {
    for (let value = 1; value <= most; value += 1) {
      const level = heatLevel(value, most);
      expect(value).toBeGreaterThanOrEqual(levelFrom(level, most));
      if (level < HOTTEST && levelFrom(level + 1, most) > levelFrom(level, most)) {
        expect(value).toBeLessThan(levelFrom(level + 1, most));
      }
    }
  }
});

it('tells steps by who waits or by who comes', () => {
  const nodes = { start: node(0, 100), wait: node(40, 100), end: node(0, 10) };
  expect(heatOf('waiting', nodes, null).levels).toEqual({ start: 0, wait: 5, end: 0 });
  expect(heatOf('traffic', nodes, null).levels).toEqual({ start: 5, wait: 5, end: 2 });
  expect(heatOf('waiting', {}, null).most).toBe(0);
});
