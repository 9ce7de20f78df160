import { expect, it } from 'vitest';
import type { InsideRow } from '@/api/types';
import { insideCount, keptPlaces, removedPlaces, versionsInside } from './publishing';

const row = (version: number, node: string, count: number, exists: boolean): InsideRow => ({
  version,
  node,
  title: `Wait at ${node}`,
  count,
  failed: 0,
  exists,
  to: exists ? node : null,
});
const rows = [
  row(3, 'a', 5, true),
  row(3, 'gone', 2, false),
  row(2, 'a', 1, true),
  row(2, 'gone', 4, false),
  row(2, 'long-gone', 9, false),
  row(1, 'b', 0, true),
];

it('asks once for each removed step, however many versions people are on', () => {
  expect(removedPlaces(rows).map(({ node, count }) => [node, count])).toEqual([
    ['long-gone', 9],
    ['gone', 6],
  ]);
});

it('counts who is inside, who stays at a step, and on which versions they are', () => {
  expect(insideCount(rows)).toBe(21);
  expect(keptPlaces(rows)).toEqual({ people: 6, steps: 1 });
  expect(versionsInside(rows)).toEqual([3, 2]);
});
