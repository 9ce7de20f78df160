/**
 * Two editions of a flow as one drawing: the later one, with what it no longer has put back where
 * it was. Pure.
 */
import { plural, t } from '@lingui/core/macro';
import type { FlowDiff, Graph, GraphEdge, GraphNode } from '@/api/types';
import { branchOf, edgeId, GAP_X, NODE_HEIGHT, NODE_WIDTH, type Point } from './graph';
import { noteKey, notesOf, withNotes } from './notes';

/** How a step differs from another edition; `walked`: somebody who is tried came by. */
export type NodeMark = DiffKind | 'walked';
export type DiffKind = 'added' | 'changed' | 'removed';

export interface Marks {
  /** By the ids of steps and the keys of notes. */
  nodes: ReadonlyMap<string, NodeMark>;
  /** Ids of the edges that are new. */
  edges: ReadonlySet<string>;
  /** Edges that are no more, drawn beside those that are. */
  gone: readonly GraphEdge[];
}

export interface Overlay {
  graph: Graph;
  marks: Marks;
}

const covers = (a: Point, b: Point): boolean =>
  Math.abs(a.x - b.x) < NODE_WIDTH && Math.abs(a.y - b.y) < NODE_HEIGHT;

type Line = readonly [Point, Point];

/** An edge that runs straight down behind a place. */
const runsBehind = (place: Point, [from, to]: Line): boolean =>
  Math.abs(place.x - from.x) < NODE_WIDTH &&
  Math.abs(place.x - to.x) < NODE_WIDTH &&
  from.y < place.y &&
  place.y < to.y;

/** The first place to the right of one where nothing stands and no edge runs. */
function freePlace(from: Point, taken: readonly Point[], lines: readonly Line[]): Point {
  let place = from;
  while (
    taken.some((other) => covers(place, other)) ||
    lines.some((line) => runsBehind(place, line))
  ) {
    place = { ...place, x: place.x + NODE_WIDTH + GAP_X };
  }
  return place;
}

function linesOf(graph: Graph): Line[] {
  const places = new Map(graph.nodes.map(({ id, position }) => [id, position]));
  return graph.edges.flatMap(({ source, target }): Line[] => {
    const [from, to] = [places.get(source), places.get(target)];
    return from && to ? [[from, to]] : [];
  });
}

/** The later edition with what was removed, and how each part differs. Both have their places. */
export function overlay(before: Graph, after: Graph, diff: FlowDiff): Overlay {
  const removed = new Set(diff.nodes.removed.map(({ id }) => id));
  const taken = after.nodes.map((node) => node.position ?? { x: 0, y: 0 });
  const lines = linesOf(after);
  const ghosts: GraphNode[] = [];
  for (const node of before.nodes) {
    if (!removed.has(node.id)) continue;
    const position = freePlace(node.position ?? { x: 0, y: 0 }, taken, lines);
    taken.push(position);
    ghosts.push({ ...node, position });
  }
  const removedNotes = new Set(diff.notes.removed.map(({ id }) => id));
  const notes = [...notesOf(after), ...notesOf(before).filter((note) => removedNotes.has(note.id))];
  return {
    graph: withNotes({ nodes: [...after.nodes, ...ghosts], edges: after.edges }, notes),
    marks: {
      nodes: new Map<string, NodeMark>([
        ...diff.nodes.added.map(({ id }) => [id, 'added'] as const),
        ...diff.nodes.changed.map(({ id }) => [id, 'changed'] as const),
        ...diff.nodes.removed.map(({ id }) => [id, 'removed'] as const),
        ...diff.notes.added.map(({ id }) => [noteKey(id), 'added'] as const),
        ...diff.notes.changed.map(({ id }) => [noteKey(id), 'changed'] as const),
        ...diff.notes.removed.map(({ id }) => [noteKey(id), 'removed'] as const),
      ]),
      edges: new Set(diff.edges.added.map(edgeId)),
      gone: diff.edges.removed,
    },
  };
}

/** A name for an edge that is no more, since another may have taken its branch. */
export const goneEdgeId = (edge: GraphEdge): string =>
  `was:${edge.source}:${branchOf(edge)}>${edge.target}`;

export interface DiffLine {
  kind: DiffKind;
  words: string;
  /** The step or the note it is about, where it is one. */
  node: string | null;
}

/** The sentences of a difference, each with what kind of change it tells and at which step. */
export function diffLines(diff: FlowDiff): DiffLine[] {
  const { added, removed } = diff.nodes;
  const from = removed.length;
  const to = from + added.length;
  // The words about notes come last: those removed, those added, those changed.
  const notes = (['removed', 'added', 'changed'] as const).flatMap((kind) =>
    diff.notes[kind].map(({ id }) => ({ kind, node: noteKey(id) })),
  );
  const others = diff.words.length - notes.length;
  return diff.words.map((words, place) => {
    if (place < from) return { kind: 'removed', words, node: removed[place]?.id ?? null };
    if (place < to) return { kind: 'added', words, node: added[place - from]?.id ?? null };
    const note = notes[place - others];
    return note ? { ...note, words } : { kind: 'changed', words, node: null };
  });
}

/** "2 steps added"; after the first, "1 changed". */
function countWords(kind: DiffKind, count: number, first: boolean): string {
  switch (kind) {
    case 'added':
      return first
        ? plural(count, { one: '# step added', other: '# steps added' })
        : t`${count} added`;
    case 'removed':
      return first
        ? plural(count, { one: '# step removed', other: '# steps removed' })
        : t`${count} removed`;
    case 'changed':
      return first
        ? plural(count, { one: '# step changed', other: '# steps changed' })
        : t`${count} changed`;
  }
}

/** "2 steps added, 1 changed"; null when nothing differs. */
export function diffSummary(diff: FlowDiff): string | null {
  const { added, removed, changed } = diff.nodes;
  const counts = (
    [
      ['added', added.length],
      ['removed', removed.length],
      ['changed', changed.length],
    ] as const
  )
    .filter(([, count]) => count > 0)
    .map(([kind, count], place) => countWords(kind, count, place === 0));
  const parts = [
    ...counts,
    diff.edges.added.length + diff.edges.removed.length > 0 &&
      added.length + removed.length === 0 &&
      t`ways changed`,
    diff.settings.length > 0 && t`settings changed`,
    diff.notes.added.length + diff.notes.removed.length + diff.notes.changed.length > 0 &&
      t`notes changed`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(', ') : null;
}
