/**
 * A simulation as a film: where the person is at each instant, and what has happened by then. Pure.
 *
 * Steps of one instant are hops: the clock stands while they are walked one after another. So the
 * playhead is an instant, and how many hops have been walked.
 */
import { t } from '@lingui/core/macro';
import type { Graph, SimulatedMessage, SimulatedVisit, Simulation } from '@/api/types';
import { branchOf, edgeId } from './graph';
import type { Marks } from './overlay';
import { type Happening, offsetOf, walked } from './trial';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An arrival at a step, by an edge or (`edge` is null) from outside. */
export interface Hop {
  at: number;
  visit: number;
  place: number;
  node: string;
  edge: string | null;
}

export type Entry = { at: number; id: string; node: string | null } & (
  | { kind: 'happening'; happening: Happening }
  | { kind: 'step'; hop: number; branch: string | null; reason: string }
  | { kind: 'mail'; mail: SimulatedMessage }
  | { kind: 'call'; branch: string; what: string }
  | { kind: 'segment'; segment: string; change: string }
  | { kind: 'end'; visit: SimulatedVisit }
);

export interface Film {
  start: number;
  /** Where the simulation ends. */
  end: number;
  hops: readonly Hop[];
  entries: readonly Entry[];
  visits: readonly SimulatedVisit[];
}

export interface Playhead {
  at: number;
  hops: number;
}

const RANK: Record<Entry['kind'], number> = {
  happening: 0,
  segment: 1,
  step: 2,
  call: 3,
  mail: 4,
  end: 5,
};

const instant = (text: string): number => Date.parse(text);

function hopsOf(graph: Graph, visits: readonly SimulatedVisit[]): Hop[] {
  return visits.flatMap((visit, number) =>
    visit.path.map((step, place): Hop => {
      const before = visit.path[place - 1];
      const edge = graph.edges.find(
        (each) =>
          each.source === before?.node &&
          branchOf(each) === before.branch &&
          each.target === step.node,
      );
      const at = instant(step.at);
      return { at, visit: number, place, node: step.node, edge: edge ? edgeId(edge) : null };
    }),
  );
}

/** All that can be told of a simulation, in order of time. */
export function filmOf(
  result: Simulation | undefined,
  flow: string,
  graph: Graph,
  happenings: readonly Happening[],
  range: { start: number; end: number },
): Film {
  const visits = result?.visits[flow] ?? [];
  const hops = hopsOf(graph, visits);
  const entries: Entry[] = happenings.map((happening) => ({
    kind: 'happening',
    at: range.start + offsetOf(happening),
    id: `happening ${happening.id}`,
    node: null,
    happening,
  }));
  for (const [hop, { at, visit, place, node }] of hops.entries()) {
    const { branch = null, reason = '' } = visits[visit]?.path[place] ?? {};
    entries.push({ kind: 'step', at, id: `step ${hop}`, node, hop, branch, reason });
  }
  for (const [place, mail] of (result?.messages ?? []).entries()) {
    if (mail.flow !== flow) continue;
    const at = instant(mail.sent_at ?? mail.at);
    entries.push({ kind: 'mail', at, id: `mail ${place}`, node: mail.node, mail });
  }
  for (const [place, call] of (result?.calls ?? []).entries()) {
    if (call.flow !== flow) continue;
    const { node, kind: what, branch } = call;
    entries.push({ kind: 'call', at: instant(call.at), id: `call ${place}`, node, what, branch });
  }
  for (const [segment, changes] of Object.entries(result?.segments ?? {})) {
    for (const [place, [at = '', change = '']] of changes.entries()) {
      const id = `segment ${segment} ${place}`;
      entries.push({ kind: 'segment', at: instant(at), id, node: null, segment, change });
    }
  }
  for (const [place, visit] of visits.entries()) {
    if (visit.at === null) continue;
    const node = visit.path.at(-1)?.node ?? null;
    entries.push({ kind: 'end', at: instant(visit.at), id: `end ${place}`, node, visit });
  }
  const sorted = entries.sort((a, b) => a.at - b.at || RANK[a.kind] - RANK[b.kind]);
  return { ...range, hops, entries: sorted, visits };
}

/** How many hops have been walked by an instant. */
export const hopsBy = (film: Film, at: number): number =>
  film.hops.filter((hop) => hop.at <= at).length;

export const headAt = (film: Film, at: number): Playhead => {
  const within = Math.min(Math.max(at, film.start), film.end);
  return { at: within, hops: hopsBy(film, within) };
};

/** The playhead a while later: it stands still at each hop until that is walked. */
export function advance(film: Film, head: Playhead, by: number, until: number): Playhead {
  const next = film.hops[head.hops];
  if (next && next.at <= Math.min(head.at + by, until)) {
    return { at: Math.max(head.at, next.at), hops: head.hops + 1 };
  }
  return { at: Math.min(head.at + by, until), hops: head.hops };
}

/** The instants at which anything happens. */
export const stopsOf = (film: Film): number[] => [...new Set(film.entries.map(({ at }) => at))];

/** The next instant at which anything happens, or the one before; null where there is none. */
export function stopFrom(film: Film, at: number, by: 1 | -1): number | null {
  const stops = stopsOf(film);
  const found = by > 0 ? stops.find((stop) => stop > at) : stops.findLast((stop) => stop < at);
  return found ?? null;
}

export interface Standing {
  visit: SimulatedVisit | null;
  /** The step where the person is or was last; null: not inside yet. */
  node: string | null;
  /** The edge by which they came. */
  edge: string | null;
  /** How the visit has ended by then; null: it has not. */
  ended: SimulatedVisit['outcome'] | null;
  marks: Marks;
}

/** Where the person is, and the way they have come. */
export function standingAt(film: Film, graph: Graph, head: Playhead): Standing {
  const hop = film.hops[head.hops - 1];
  const visit = hop ? (film.visits[hop.visit] ?? null) : null;
  if (!hop || !visit) {
    const marks = { nodes: new Map(), edges: new Set<string>(), gone: [] };
    return { visit: null, node: null, edge: null, ended: null, marks };
  }
  const over = hop.place === visit.path.length - 1 && visit.outcome !== 'inside';
  const ended = over && (visit.at === null || instant(visit.at) <= head.at) ? visit.outcome : null;
  const { node, edge } = hop;
  return { visit, node, edge, ended, marks: walked(graph, visit.path, hop.place) };
}

/** Which entries have happened by the playhead. */
export const hasHappened = (entry: Entry, head: Playhead): boolean =>
  entry.kind === 'step' ? entry.hop < head.hops : entry.at <= head.at;

const ROUND = [5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY,
  10 * DAY, 14 * DAY, 21 * DAY, 30 * DAY, 45 * DAY, 60 * DAY, 90 * DAY, 180 * DAY, 366 * DAY]; // biome-ignore format: one list

/** A length of the timeline that shows all there is, and some air behind it. */
export function shownLength(film: Film): number {
  // Segments are joined and left by the mere passing of time, long after anything happened.
  const told = film.entries.filter(({ kind }) => kind !== 'segment');
  const last = Math.max(film.start, ...told.map(({ at }) => at));
  const wanted = (last - film.start) * 1.12;
  const round = ROUND.find((length) => length >= wanted) ?? film.end - film.start;
  return Math.min(round, film.end - film.start);
}

const TICKS = [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY,
  2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 90 * DAY]; // biome-ignore format: one list

/** How far apart marks on the axis stand, so that there are about as many as wanted. */
export const tickOf = (length: number, about = 9): number =>
  TICKS.find((tick) => length / tick <= about) ?? 90 * DAY;

export const SPEEDS = [
  { value: 'PT1M', label: t`1 minute a second`, length: MINUTE },
  { value: 'PT10M', label: t`10 minutes a second`, length: 10 * MINUTE },
  { value: 'PT1H', label: t`1 hour a second`, length: HOUR },
  { value: 'PT6H', label: t`6 hours a second`, length: 6 * HOUR },
  { value: 'P1D', label: t`1 day a second`, length: DAY },
  { value: 'P3D', label: t`3 days a second`, length: 3 * DAY },
  { value: 'P7D', label: t`7 days a second`, length: 7 * DAY },
] as const;

/** A speed at which a length of time is over in about ten seconds. */
export const usualSpeed = (length: number): (typeof SPEEDS)[number] =>
  SPEEDS.find((speed) => length / speed.length <= 12) ?? SPEEDS[6];

/** How many entries have happened before the first that has not. */
export function happenedBy(film: Film, head: Playhead): number {
  const first = film.entries.findIndex((entry) => !hasHappened(entry, head));
  return first < 0 ? film.entries.length : first;
}
