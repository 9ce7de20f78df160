/** What is lit on the canvas while one contact is followed. Pure. */
import type { Graph, VisitShown } from '@/api/types';
import { edgeId } from './graph';
import type { Marks, NodeMark } from './overlay';

/** A step where the contact may be next: at an instant, where time alone decides. */
export interface Ahead {
  node: string;
  /** The edge that leads there; null where the drawing has none. */
  edge: string | null;
  at: string | null;
}

export interface Lit {
  /** Steps and edges that were walked. */
  marks: Marks;
  /** How many times a step was come to, of those that were come to more than once. */
  times: ReadonlyMap<string, number>;
  ahead: readonly Ahead[];
}

type Way = { node: string; branch: string | null };

/** The edge of the drawing by which a step was left for the next; null where it has none. */
function edgeOf(edges: ReadonlyMap<string, string>, from: Way, to: string): string | null {
  const id = `${from.node}:${from.branch ?? ''}`;
  return edges.get(id) === to ? id : null;
}

const targetsOf = (graph: Graph): ReadonlyMap<string, string> =>
  new Map(graph.edges.map((edge) => [edgeId(edge), edge.target]));

/** The edges of a path, one for each step but the first. */
export function edgesWalked(graph: Graph, path: VisitShown['path']): (string | null)[] {
  const targets = targetsOf(graph);
  return path.slice(1).map((step, place) => {
    const before = path[place];
    return before ? edgeOf(targets, before, step.node) : null;
  });
}

/** What is lit by a visit whose path is shown up to a step. */
export function litBy(graph: Graph, visit: VisitShown, upTo = visit.path.length - 1): Lit {
  const seen = visit.path.slice(0, upTo + 1);
  const known = new Set(graph.nodes.map(({ id }) => id));
  const times = new Map<string, number>();
  for (const { node } of seen) times.set(node, (times.get(node) ?? 0) + 1);
  const walked = edgesWalked(graph, seen).filter((edge) => edge !== null);
  const isWhole = seen.length === visit.path.length;
  return {
    marks: {
      nodes: new Map<string, NodeMark>(
        [...times.keys()].filter((id) => known.has(id)).map((id) => [id, 'walked']),
      ),
      edges: new Set(walked),
      gone: [],
    },
    times: new Map([...times].filter(([id, count]) => count > 1 && known.has(id))),
    ahead: isWhole ? aheadOf(visit, known, targetsOf(graph)) : [],
  };
}

/** Each step that may be next once, with the earliest instant that is known of it. */
function aheadOf(
  visit: VisitShown,
  known: ReadonlySet<string>,
  targets: ReadonlyMap<string, string>,
): Ahead[] {
  const found = new Map<string, Ahead>();
  for (const { node, branch, at } of visit.next) {
    if (node === null || !known.has(node)) continue;
    const id = `${visit.here?.node}:${branch}`;
    const edge = targets.get(id) === node ? id : null;
    const before = found.get(node);
    if (!before || (at !== null && before.at === null)) found.set(node, { node, edge, at });
  }
  return [...found.values()];
}

/** The visits before and after one, of the same contact in the same flow. */
export function beside(visit: VisitShown): {
  place: number;
  before: number | null;
  after: number | null;
} {
  const place = visit.visits.findIndex(({ id }) => id === visit.id);
  return {
    place,
    before: visit.visits[place - 1]?.id ?? null,
    after: visit.visits[place + 1]?.id ?? null,
  };
}
