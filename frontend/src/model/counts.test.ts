import { describe, expect, it } from 'vitest';
import type { CountsMessage } from '@/api/types';
import { applyCounts, edgeWidth, NO_COUNTS, NO_TOTALS, travelled, wentOn } from './counts';

const counts = (here: number, entered: number, next = 0) => ({
  here,
  entered,
  left: next,
  failed: 0,
  next_due: null,
  out: { next },
});

const message = (
  type: CountsMessage['type'],
  seq: number,
  nodes: CountsMessage['nodes'],
): CountsMessage => ({
  type,
  seq,
  at: '2026-11-22T10:00:00Z',
  nodes,
  totals: NO_TOTALS,
  version: 1,
  rate: { entered: 0 },
});

const SNAPSHOT = message('snapshot', 1, { a: counts(2, 2), b: counts(0, 0) });
const CHANGES = [
  message('counts', 2, { a: counts(1, 2, 1), b: counts(1, 1) }),
  message('counts', 3, { b: counts(0, 1, 1) }),
];
const FRESH = message('snapshot', 3, { a: counts(1, 2, 1), b: counts(0, 1, 1) });

describe('live counts', () => {
  it('an old snapshot with the changes is the fresh snapshot', () => {
    const old = [SNAPSHOT, ...CHANGES].reduce(applyCounts, NO_COUNTS);
    expect(old).toEqual(applyCounts(NO_COUNTS, FRESH));
  });

  it('a message seen twice, or late, changes nothing', () => {
    const once = [SNAPSHOT, ...CHANGES].reduce(applyCounts, NO_COUNTS);
    expect([...CHANGES].reduce(applyCounts, once)).toBe(once);
  });

  it('a lost message does no harm', () => {
    const [, last] = CHANGES as [CountsMessage, CountsMessage];
    const after = applyCounts(applyCounts(NO_COUNTS, SNAPSHOT), { ...last, nodes: FRESH.nodes });
    expect(after.nodes).toEqual(FRESH.nodes);
  });

  it('a fresh snapshot forgets nodes that are gone', () => {
    const before = applyCounts(NO_COUNTS, SNAPSHOT);
    const after = applyCounts(before, message('snapshot', 0, { a: counts(2, 2) }));
    expect(Object.keys(after.nodes)).toEqual(['a']);
  });

  it('an unchanged node stays the same object', () => {
    const before = applyCounts(NO_COUNTS, SNAPSHOT);
    const after = applyCounts(before, message('counts', 2, { a: counts(2, 2) }));
    expect(after.nodes.a).toBe(before.nodes.a);
  });

  it('tells who travelled, but not at the first snapshot', () => {
    const first = applyCounts(NO_COUNTS, SNAPSHOT);
    expect(travelled(NO_COUNTS, first).size).toBe(0);
    const second = applyCounts(first, CHANGES[0] as CountsMessage);
    expect([...travelled(first, second)]).toEqual([['a:next', 1]]);
  });

  it('counts who went on by branch', () => {
    expect(wentOn({ ...counts(0, 5, 5), out: { yes: 2, no: 3 } })).toBe(5);
    expect(wentOn({ ...counts(0, 5, 4), out: {} })).toBe(4);
  });

  it('draws a busier edge wider, within bounds', () => {
    expect(edgeWidth(0, 100)).toBeLessThan(edgeWidth(10, 100));
    expect(edgeWidth(100, 100)).toBeLessThanOrEqual(4);
    expect(edgeWidth(5, 0)).toBe(1.25);
  });
});
