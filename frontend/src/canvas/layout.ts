/** Auto-layout by ELK, in a worker that is loaded when somebody first asks for it. */
import type { ELK } from 'elkjs/lib/elk-api';
import type { Graph } from '@/api/types';
import {
  branchesOf,
  branchOf,
  edgeId,
  NODE_HEIGHT,
  NODE_WIDTH,
  type Point,
  readingOrder,
  type TypeLookup,
} from '@/model/graph';

let elk: Promise<ELK> | undefined;

async function load(): Promise<ELK> {
  const [{ default: Elk }, { default: workerUrl }] = await Promise.all([
    import('elkjs/lib/elk-api'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]);
  return new Elk({ workerUrl, workerFactory: (address) => new Worker(address ?? workerUrl) });
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.layered.spacing.nodeNodeBetweenLayers': '68',
  'elk.spacing.nodeNode': '64',
  'elk.spacing.componentComponent': '96',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  // Keeps the branches of a step in their order: yes stays left of no.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
};

/** Where ELK would put each node; `heights` are those measured on the screen. */
export async function tidy(
  graph: Graph,
  heights: ReadonlyMap<string, number>,
  typeOf: TypeLookup,
): Promise<Map<string, Point>> {
  elk ??= load();
  const engine = await elk;
  const order = readingOrder(graph);
  const place = new Map(order.map((id, index) => [id, index]));
  const nodes = [...graph.nodes].sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  const rank = new Map(
    nodes.flatMap((node) =>
      branchesOf(node, typeOf).map((branch, index) => [`${node.id}:${branch}`, index] as const),
    ),
  );
  const edges = [...graph.edges].sort(
    (a, b) =>
      (place.get(a.source) ?? 0) - (place.get(b.source) ?? 0) ||
      (rank.get(`${a.source}:${branchOf(a)}`) ?? 0) - (rank.get(`${b.source}:${branchOf(b)}`) ?? 0),
  );
  const answer = await engine.layout({
    id: 'flow',
    layoutOptions: OPTIONS,
    children: nodes.map((node) => ({
      id: node.id,
      width: NODE_WIDTH,
      height: Math.max(heights.get(node.id) ?? 0, NODE_HEIGHT),
    })),
    edges: edges.map((edge) => ({
      id: edgeId(edge),
      sources: [edge.source],
      targets: [edge.target],
    })),
  });
  return new Map(
    (answer.children ?? []).map((child) => [
      child.id,
      { x: Math.round(child.x ?? 0), y: Math.round(child.y ?? 0) },
    ]),
  );
}
