/** Trying a flow out: what happens to a made-up person, and the way they take. Pure. */
import type { Backtest, Graph, Json, JsonObject, SimulatedStep } from '@/api/types';
import { branchOf, edgeId } from './graph';
import type { Marks, NodeMark } from './overlay';

export type HappeningKind = 'event' | 'fields' | 'add_to_segment' | 'add_to_flow' | 'unsubscribe';

/** Something that happens to the person, so long after the start. */
export interface Happening {
  id: number;
  /** A duration; undefined: at the start. */
  after?: string;
  kind: HappeningKind;
  /** The event's name, the field's key, the segment's key. */
  name: string;
  /** The field's value. */
  value: Json;
  properties: Record<string, Json>;
}

export const HAPPENING_WORDS: Record<HappeningKind, string> = {
  event: 'does an event',
  fields: 'gets a field',
  add_to_segment: 'joins a segment',
  add_to_flow: 'is added to this flow',
  unsubscribe: 'unsubscribes from everything',
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What lets somebody into a flow, as the first thing to try; null where it cannot be guessed. */
export function firstHappening(graph: Graph): Omit<Happening, 'id'> {
  const fresh = { name: '', value: '', properties: {} };
  for (const { type, config } of graph.nodes) {
    if (type === 'event') return { ...fresh, kind: 'event', name: text(config.name) };
    if (type === 'segment_entered') {
      return { ...fresh, kind: 'add_to_segment', name: text(config.segment) };
    }
    if (type === 'field_changed') {
      return { ...fresh, kind: 'fields', name: text(config.field), value: config.to ?? '' };
    }
    if (type === 'manual') return { ...fresh, kind: 'add_to_flow' };
  }
  return { ...fresh, kind: 'event' };
}

/** The happenings as the server takes them; those without a name say nothing yet. */
export function timelineBody(
  happenings: readonly Happening[],
  flow: string,
  start: string,
): JsonObject[] {
  return happenings.flatMap(({ after, kind, name, value, properties }): JsonObject[] => {
    const at = after ?? start;
    if (kind === 'add_to_flow') return [{ at, add_to_flow: flow }];
    if (kind === 'unsubscribe') return [{ at, event: 'Unsubscribed', properties: {} }];
    if (!name) return [];
    if (kind === 'event') return [{ at, event: name, properties }];
    if (kind === 'fields') return [{ at, fields: { [name]: value } }];
    return [{ at, add_to_segment: name }];
  });
}

/** The way that was walked up to a step of the path, for the canvas. */
export function walked(graph: Graph, path: readonly SimulatedStep[], upTo: number): Marks {
  const seen = path.slice(0, upTo + 1);
  const edges = new Set<string>();
  for (const [place, step] of seen.entries()) {
    const next = seen[place + 1];
    const edge = graph.edges.find(
      (each) =>
        each.source === step.node && branchOf(each) === step.branch && each.target === next?.node,
    );
    if (edge) edges.add(edgeId(edge));
  }
  return {
    nodes: new Map<string, NodeMark>(seen.map(({ node }) => [node, 'walked'])),
    edges,
    gone: [],
  };
}

/** Arrivals at a step in a backtest; null where the edition does not have the step. */
export interface TrialCounts {
  draft: number;
  failed: number;
  live: number | null;
}

/** What a backtest came to at each step; a step that nobody came to is not in its result. */
export function trialCounts(
  result: NonNullable<Backtest['result']>,
  draft: Graph,
  live: Graph | null,
): ReadonlyMap<string, TrialCounts> {
  const beside = new Set(result.live ? live?.nodes.map(({ id }) => id) : []);
  return new Map(
    draft.nodes.map(({ id }) => [
      id,
      {
        draft: result.draft.nodes[id]?.entered ?? 0,
        failed: result.draft.nodes[id]?.failed ?? 0,
        live: beside.has(id) ? (result.live?.nodes[id]?.entered ?? 0) : null,
      },
    ]),
  );
}
