import { describe, expect, it } from 'vitest';
import type { FlowSeries, NodeCounts } from '@/api/types';
import { NO_COUNTS } from './counts';
import { arrivedAt, marked, type PaceMark, paces, periodOf, squeezed, totalOf } from './course';

const node = (entered: number, left = 0): NodeCounts => ({
  here: entered - left,
  entered,
  left,
  failed: 0,
  next_due: null,
  out: {},
});

const series: FlowSeries = {
  from: '2026-11-22T10:00:00Z',
  to: '2026-11-22T13:00:00Z',
  step: 'PT1H',
  since: '2026-11-01T00:00:00Z',
  at: ['2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'],
  totals: {
    entered: [1, 2, 3],
    completed: [0, 0, 0],
    converted: [0, 1, 0],
    exited: [0, 0, 0],
    failed: [0, 0, 0],
  },
  nodes: { wait: { entered: [1, 2, 3], left: [0, 1, 2], failed: [0, 0, 0] } },
  ever: {
    totals: { entered: 100, inside: 50, completed: 0, converted: 1, exited: 49, failed: 0 },
    nodes: { wait: { entered: 100, left: 50, failed: 0 } },
  },
};

describe('the course over a period', () => {
  const then = { ...NO_COUNTS, seq: 1, nodes: { wait: node(100, 50) } };

  it('keeps up with the counts between two looks', () => {
    const period = periodOf('24h', series);
    expect(arrivedAt('wait', then.nodes, period)).toBe(6);
    expect(arrivedAt('wait', { wait: node(104, 50) }, period)).toBe(10);
    expect(arrivedAt('other', { other: node(2) }, period)).toBe(2);
    expect(totalOf('converted', { ...then.totals, converted: 2 }, period)).toBe(2);
  });

  it('is everything since the beginning where no period is chosen', () => {
    expect(arrivedAt('wait', then.nodes, periodOf('all', series))).toBe(100);
    expect(arrivedAt('wait', then.nodes, null)).toBe(100);
    expect(arrivedAt('nobody', {}, null)).toBe(0);
  });

  it('says from when there are figures only where that is within the period', () => {
    expect(periodOf('24h', series).since).toBeNull();
    const late = { ...series, since: '2026-11-22T11:30:00Z' };
    expect(periodOf('24h', late).since).toBe('2026-11-22T11:30:00Z');
  });
});

describe('lines and pace', () => {
  it('squeezes points together and leaves out a first one that is shorter', () => {
    expect(squeezed([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(squeezed([9, 1, 2, 3, 4], 3)).toEqual([3, 7]);
    expect(squeezed([1, 2, 3, 4], 2)).toEqual([3, 7]);
  });

  it('tells people a minute, with one place below one', () => {
    const marks: PaceMark[] = [
      { at: 0, entered: { a: 10, b: 5 } },
      { at: 60_000, entered: { a: 22, b: 5, c: 0.4 } },
    ];
    expect(paces(marks)).toEqual({ a: 12, c: 0.4 });
    expect(paces(marks.slice(0, 1))).toEqual({});
  });

  it('forgets what is older than a minute', () => {
    const first = { at: 0, entered: {} };
    expect(marked([first], { at: 60_001, entered: {} })).toHaveLength(1);
    expect(marked([first], { at: 60_000, entered: {} })).toHaveLength(2);
  });
});
