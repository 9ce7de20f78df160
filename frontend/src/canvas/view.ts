/** From the graph to what React Flow draws. Cards whose step did not change stay the same. */
import type { Graph } from '@/api/types';
import {
  branchesOf,
  branchOf,
  edgeId,
  nodeOf,
  openEnds,
  readingOrder,
  type TypeLookup,
} from '@/model/graph';
import type { StepEdge } from './FlowEdge';
import type { StepNode } from './NodeCard';

/** What is drawn differently: by node, how it differs from another version. */
export type Marks = ReadonlyMap<string, 'added' | 'changed'>;

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
    const mark = marks?.get(id);
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

export function stepEdges(
  graph: Graph,
  selected: ReadonlySet<string> | undefined,
  typeOf: TypeLookup,
): StepEdge[] {
  const many = new Map(
    graph.nodes.map((node) => [node.id, branchesOf(node, typeOf).length > 1] as const),
  );
  const drawn = graph.edges.filter((edge) => many.has(edge.source) && many.has(edge.target));
  const together = new Map<string, string[]>();
  for (const edge of drawn) {
    const way = `${edge.source}>${edge.target}`;
    together.set(way, [...(together.get(way) ?? []), branchOf(edge)]);
  }
  return drawn.map((edge) => {
    const id = edgeId(edge);
    const branch = branchOf(edge);
    const all = together.get(`${edge.source}>${edge.target}`) ?? [branch];
    return {
      id,
      type: 'step' as const,
      source: edge.source,
      sourceHandle: branch,
      target: edge.target,
      selected: selected?.has(id) ?? false,
      ariaLabel: `${branch} from ${edge.source} to ${edge.target}`,
      data: {
        branch,
        labels: many.get(edge.source) ? (all[0] === branch ? all : []) : null,
      },
    };
  });
}
