/** From the graph to what React Flow draws. Cards whose step did not change stay the same. */
import { t } from '@lingui/core/macro';
import { Position } from '@xyflow/react';
import type { Graph, GraphEdge } from '@/api/types';
import {
  branchesOf,
  branchOf,
  edgeId,
  NODE_WIDTH,
  nodeOf,
  openEnds,
  readingOrder,
  type TypeLookup,
} from '@/model/graph';
import { NOTE_WIDTH, noteKey, notesOf } from '@/model/notes';
import { goneEdgeId, type Marks } from '@/model/overlay';
import { handleOffset } from './branches';
import type { StepEdge } from './FlowEdge';
import type { StepNode } from './NodeCard';
import type { NoteNode } from './StickyNote';

export type CanvasNode = StepNode | NoteNode;

export const isStep = (node: CanvasNode): node is StepNode => node.type === 'step';

/** From so many steps on, only those in sight are drawn. */
export const MANY = 150;
const CARD = { width: NODE_WIDTH, height: 58 };

/**
 * What React Flow would find out by drawing a card: its size and its ways in and out. Told
 * beforehand, it need not draw hundreds of cards that are out of sight.
 */
function foretold(branches: string[], was: StepNode | undefined) {
  const measured = was?.measured ?? CARD;
  const point = { width: 9, height: 9 };
  const middle = NODE_WIDTH / 2 - 4.5;
  const out = branches.map((branch, index) => ({
    ...point,
    id: branch,
    type: 'source' as const,
    position: Position.Bottom,
    x: middle + handleOffset(index, branches.length),
    y: (measured.height ?? CARD.height) - 4.5,
  }));
  const into = { ...point, type: 'target' as const, position: Position.Top, x: middle, y: -4.5 };
  return { measured, handles: [into, ...out] };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** Nodes in reading order, so that Tab goes through the flow as one would read it. */
export function stepNodes(
  graph: Graph,
  selected: ReadonlySet<string>,
  typeOf: TypeLookup,
  before: StepNode[],
  marks?: Marks,
): StepNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const open = new Map<string, string[]>();
  for (const end of openEnds(graph, typeOf)) {
    open.set(end.node, [...(open.get(end.node) ?? []), end.branch]);
  }
  return readingOrder(graph).flatMap((id) => {
    const node = nodeOf(graph, id);
    if (!node) return [];
    const was = known.get(id);
    const branches = branchesOf(node, typeOf);
    const ends = open.get(id) ?? [];
    const position = node.position ?? { x: 0, y: 0 };
    const mark = marks?.nodes.get(id);
    const data =
      was &&
      was.data.mark === mark &&
      was.data.node === node &&
      same(was.data.branches, branches) &&
      same(was.data.open, ends)
        ? was.data
        : { node, branches, open: ends, ...(mark && { mark }) };
    return [
      {
        ...was,
        ...(graph.nodes.length > MANY && foretold(branches, was)),
        id,
        type: 'step' as const,
        data,
        position: was?.dragging ? was.position : position,
        selected: selected.has(id),
        ariaLabel: undefined,
      },
    ];
  });
}

/** Notes come first: what they lie under, and what is reached by Tab before the steps. */
export function noteNodes(
  graph: Graph,
  selected: ReadonlySet<string>,
  editable: boolean,
  before: CanvasNode[],
  marks?: Marks,
): NoteNode[] {
  const known = new Map(
    before.flatMap((node) => (node.type === 'note' ? [[node.id, node] as const] : [])),
  );
  return notesOf(graph).map((note) => {
    const id = noteKey(note.id);
    const was = known.get(id);
    const mark = marks?.nodes.get(id);
    const width = note.width ?? NOTE_WIDTH;
    const position = note.position ?? { x: 0, y: 0 };
    const data =
      was && was.data.note === note && was.data.mark === mark
        ? was.data
        : { note, ...(mark && { mark }) };
    return {
      ...was,
      ...(graph.nodes.length > MANY && { measured: was?.measured ?? { width, height: 60 } }),
      id,
      type: 'note' as const,
      data,
      width: was?.resizing ? was.width : width,
      position: was?.dragging ? was.position : position,
      selected: selected.has(id),
      selectable: editable,
      focusable: editable,
      connectable: false,
    };
  });
}

export function stepEdges(
  graph: Graph,
  selected: ReadonlySet<string> | undefined,
  typeOf: TypeLookup,
  marks?: Marks,
): StepEdge[] {
  const ways = new Map(graph.nodes.map((node) => [node.id, branchesOf(node, typeOf)] as const));
  const drawn = graph.edges.filter((edge) => ways.has(edge.source) && ways.has(edge.target));
  const together = new Map<string, string[]>();
  for (const edge of drawn) {
    const way = `${edge.source}>${edge.target}`;
    together.set(way, [...(together.get(way) ?? []), branchOf(edge)]);
  }
  const present = drawn.map((edge) => {
    const id = edgeId(edge);
    const branch = branchOf(edge);
    const all = together.get(`${edge.source}>${edge.target}`) ?? [branch];
    const mark = marks?.edges.has(id) ? ('added' as const) : undefined;
    return {
      id,
      ...(mark && { className: 'walked' }),
      type: 'step' as const,
      source: edge.source,
      sourceHandle: branch,
      target: edge.target,
      selected: selected?.has(id) ?? false,
      ariaLabel: t`${branch} from ${edge.source} to ${edge.target}`,
      data: {
        branch,
        labels: (ways.get(edge.source)?.length ?? 0) > 1 ? (all[0] === branch ? all : []) : null,
        ...(mark && { mark }),
      },
    };
  });
  return [...(marks?.gone ?? []).flatMap((edge) => goneEdge(edge, ways)), ...present];
}

/** An edge that is no more, from a way out that its step still has. */
function goneEdge(edge: GraphEdge, ways: ReadonlyMap<string, string[]>): StepEdge[] {
  const branch = branchOf(edge);
  const branches = ways.get(edge.source) ?? [];
  const handle = branches.includes(branch) ? branch : branches[0];
  if (handle === undefined || !ways.has(edge.target)) return [];
  return [
    {
      id: goneEdgeId(edge),
      type: 'step' as const,
      source: edge.source,
      sourceHandle: handle,
      target: edge.target,
      ariaLabel: t`No more: ${branch} from ${edge.source} to ${edge.target}`,
      data: { branch, labels: branches.length > 1 ? [branch] : null, mark: 'removed' as const },
    },
  ];
}
