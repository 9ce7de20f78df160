/**
 * The course of a flow over a period: per step a line of its arrivals, and sums that keep up with
 * the counts between two looks at the server. Pure.
 */
import type { FlowSeries, NodeCounts } from '@/api/types';
import type { LiveCounts } from './counts';

/** How far back one looks. `all`: the numbers since the beginning, with the lines of a day. */
export type RangeName = 'all' | '1h' | '24h' | '7d' | '30d';

const HOUR = 3_600_000;
const LENGTHS: Record<RangeName, number> = {
  all: 24 * HOUR,
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
};

export const RANGES = Object.keys(LENGTHS) as RangeName[];

/** How long a period is, in milliseconds. */
export const lengthOf = (range: RangeName): number => LENGTHS[range];

/** What happened at a step in the period: the points of its line, and the sums. */
export interface Course {
  arrivals: number[];
  departures: number[];
  failures: number[];
  entered: number;
  left: number;
  failed: number;
}

export interface Period {
  range: RangeName;
  at: string[];
  /** How long a slot is, as the server says it. */
  step: string;
  /** Before this instant there are no figures, where it lies within the period. */
  since: string | null;
  nodes: Record<string, Course>;
  totals: Record<keyof FlowSeries['totals'], number>;
  /** The counts of the very instant of the figures: what they grow by since is in the period. */
  base: FlowSeries['ever'];
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

export function periodOf(range: RangeName, series: FlowSeries): Period {
  const nodes: Record<string, Course> = {};
  for (const [id, each] of Object.entries(series.nodes)) {
    nodes[id] = {
      arrivals: each.entered,
      departures: each.left,
      failures: each.failed,
      entered: sum(each.entered),
      left: sum(each.left),
      failed: sum(each.failed),
    };
  }
  const { totals } = series;
  return {
    range,
    at: series.at,
    step: series.step,
    since: Date.parse(series.since) > Date.parse(series.to) - LENGTHS[range] ? series.since : null,
    nodes,
    totals: {
      entered: sum(totals.entered),
      completed: sum(totals.completed),
      converted: sum(totals.converted),
      exited: sum(totals.exited),
      failed: sum(totals.failed),
    },
    base: series.ever,
  };
}

const grown = (now: number | undefined, then: number | undefined): number =>
  Math.max(0, (now ?? 0) - (then ?? 0));

/** How many arrived at a step: in the period, or ever. */
export function arrivedAt(
  id: string,
  nodes: Record<string, NodeCounts>,
  period: Period | null,
): number {
  const now = nodes[id]?.entered ?? 0;
  if (!period || period.range === 'all') return now;
  return (period.nodes[id]?.entered ?? 0) + grown(now, period.base.nodes[id]?.entered);
}

/** A total of the flow: in the period, or ever. `inside` is always now. */
export function totalOf(
  what: keyof Period['totals'],
  totals: LiveCounts['totals'],
  period: Period | null,
): number {
  if (!period || period.range === 'all') return totals[what];
  return period.totals[what] + grown(totals[what], period.base.totals[what]);
}

/** Into at most so many points, each the sum of several, for a line that is few pixels wide. */
export function squeezed(values: readonly number[], most: number): number[] {
  const each = Math.ceil(values.length / most);
  if (each <= 1) return [...values];
  const points: number[] = [];
  // From the end, so that the last point is as long as the others.
  for (let end = values.length; end > 0; end -= each) {
    points.unshift(sum(values.slice(Math.max(0, end - each), end)));
  }
  if (values.length % each > 0) points.shift();
  return points;
}

/** The counts at some instant, to tell the pace from. */
export interface PaceMark {
  at: number;
  entered: Record<string, number>;
}

/** A pace is told from this long, and once this much of it has been seen. */
const PACE_OVER = 60_000;
const PACE_FROM = 10_000;

/** Marks that are still needed, with a new one. */
export function marked(marks: readonly PaceMark[], mark: PaceMark): PaceMark[] {
  return [...marks.filter(({ at }) => mark.at - at <= PACE_OVER), mark];
}

/** People a minute who arrive at each step, by the last minute or what was seen of it. */
export function paces(marks: readonly PaceMark[]): Record<string, number> {
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last || last.at - first.at < PACE_FROM) return {};
  const minutes = (last.at - first.at) / 60_000;
  const found: Record<string, number> = {};
  for (const [id, now] of Object.entries(last.entered)) {
    const pace = grown(now, first.entered[id]) / minutes;
    if (pace > 0) found[id] = pace < 1 ? Math.round(pace * 10) / 10 : Math.round(pace);
  }
  return found;
}
