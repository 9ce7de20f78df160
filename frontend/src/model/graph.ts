/**
 * The flow's graph as the canvas edits it: pure functions from graph to graph.
 *
 * Nothing here knows React or the server. A graph is never changed in place; every function
 * answers with a new one and shares what it left alone.
 */
import { t } from '@lingui/core/macro';
import type { Graph, GraphEdge, GraphNode, Json, JsonObject, NodeGroup } from '@/api/types';
import { carried, noteKey, notesOf, placeOf, withNotes } from './notes';

/** What these functions need to know of a node type. */
export interface TypeFacts {
  group: NodeGroup;
  branches: string[];
}

export type TypeLookup = (type: string) => TypeFacts | undefined;

/** A way out that leads nowhere yet. */
export interface OpenEnd {
  node: string;
  branch: string;
}

export interface Point {
  x: number;
  y: number;
}

export const NODE_WIDTH = 240;
/** Of a card with its live footer, so that what is drawn in design mode also fits live. */
export const NODE_HEIGHT = 92;
export const GAP_X = 60;
export const GAP_Y = 52;

export const EMPTY_GRAPH: Graph = { nodes: [], edges: [] };

export const branchOf = (edge: GraphEdge): string => edge.branch ?? 'next';

/** A branch carries at most one edge, so source and branch name it. */
export const edgeId = (edge: GraphEdge): string => `${edge.source}:${branchOf(edge)}`;

export const nodeOf = (graph: Graph, id: string): GraphNode | undefined =>
  graph.nodes.find((node) => node.id === id);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function namedBranches(list: Json | undefined): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) =>
    isObject(item) && typeof item.branch === 'string' && item.branch ? [item.branch] : [],
  );
}

/** The ways out of a node: those of its type, or those its own config names. */
export function branchesOf(node: GraphNode, typeOf: TypeLookup): string[] {
  if (node.type === 'switch') return [...namedBranches(node.config.cases), 'else'];
  if (node.type === 'split') return namedBranches(node.config.branches);
  return typeOf(node.type)?.branches ?? ['next'];
}

export function openEnds(graph: Graph, typeOf: TypeLookup): OpenEnd[] {
  const taken = new Set(graph.edges.map(edgeId));
  return graph.nodes.flatMap((node) =>
    branchesOf(node, typeOf)
      .filter((branch) => !taken.has(`${node.id}:${branch}`))
      .map((branch) => ({ node: node.id, branch })),
  );
}

/** An id that lasts and can be read: `wait`, `wait-2`, … */
export function newId(taken: ReadonlySet<string>, type: string): string {
  const base = type.replaceAll('_', '-');
  if (!taken.has(base)) return base;
  let count = 2;
  while (taken.has(`${base}-${count}`)) count += 1;
  return `${base}-${count}`;
}

export const idsOf = (graph: Graph): Set<string> => new Set(graph.nodes.map((node) => node.id));

export function makeNode(
  graph: Graph,
  type: string,
  defaults: JsonObject,
  position: Point,
): GraphNode {
  return { id: newId(idsOf(graph), type), type, config: structuredClone(defaults), position };
}

/** True when going on from `target` leads back to `source` without time passing on the way. */
export function wouldSpin(
  graph: Graph,
  source: string,
  target: string,
  typeOf: TypeLookup,
): boolean {
  const rests = (id: string) => {
    const node = nodeOf(graph, id);
    return node !== undefined && typeOf(node.type)?.group === 'wait';
  };
  const seen = new Set<string>();
  const todo = [target];
  while (todo.length > 0) {
    const id = todo.pop();
    if (id === undefined || seen.has(id) || rests(id)) continue;
    if (id === source) return true;
    seen.add(id);
    for (const edge of graph.edges) if (edge.source === id) todo.push(edge.target);
  }
  return false;
}

/** Why this way out may not lead to that node; null if it may. */
export function refusal(
  graph: Graph,
  { source, target }: { source: string; target: string },
  typeOf: TypeLookup,
): string | null {
  const to = nodeOf(graph, target);
  if (!to) return t`There is no such step.`;
  if (source === target) return t`A step cannot lead to itself.`;
  if (typeOf(to.type)?.group === 'trigger')
    return t`Nothing leads to a trigger: people begin there.`;
  return wouldSpin(graph, source, target, typeOf)
    ? t`That would be a loop in which no time passes. Put a wait in it first.`
    : null;
}

/** May this way out lead to that node? */
export const canConnect = (
  graph: Graph,
  way: { source: string; target: string },
  typeOf: TypeLookup,
): boolean => refusal(graph, way, typeOf) === null;

/** Leads a way out to a node; what it led to before is let go. */
export function connect(graph: Graph, end: OpenEnd, target: string): Graph {
  const edge: GraphEdge = { source: end.node, target, branch: end.branch };
  return {
    ...graph,
    edges: [...graph.edges.filter((other) => edgeId(other) !== edgeId(edge)), edge],
  };
}

export function disconnect(graph: Graph, end: OpenEnd): Graph {
  const id = `${end.node}:${end.branch}`;
  return { ...graph, edges: graph.edges.filter((edge) => edgeId(edge) !== id) };
}

/**
 * Puts a node at a way out. If the way led somewhere, the node's first branch goes on there, and
 * everything below makes room.
 */
export function insertAt(graph: Graph, end: OpenEnd, node: GraphNode, typeOf: TypeLookup): Graph {
  const before = graph.edges.find((edge) => edgeId(edge) === `${end.node}:${end.branch}`);
  const placed = before ? makeRoom(graph, before.target, node) : graph;
  const withNode = { ...placed, nodes: [...placed.nodes, node] };
  const entered = connect(withNode, end, node.id);
  const first = branchesOf(node, typeOf)[0];
  return before && first
    ? connect(entered, { node: node.id, branch: first }, before.target)
    : entered;
}

/** Moves `target` and all that lies below it down, if `node` would lie on it. */
function makeRoom(graph: Graph, target: string, node: GraphNode): Graph {
  const at = node.position;
  const to = nodeOf(graph, target)?.position;
  if (!at || !to) return graph;
  const need = at.y + NODE_HEIGHT + GAP_Y - to.y;
  if (need <= 0 || to.y < at.y - NODE_HEIGHT) return graph;
  const moved = downstream(graph, target);
  const places = graph.nodes.flatMap(({ id, position }) =>
    moved.has(id) && position && position.y >= to.y
      ? [[id, { x: position.x, y: position.y + need }] as const]
      : [],
  );
  return moveNodes(graph, carried(graph, new Map(places)));
}

/** `id` and every node that can be reached from it. */
export function downstream(graph: Graph, id: string): Set<string> {
  const seen = new Set<string>();
  const todo = [id];
  while (todo.length > 0) {
    const next = todo.pop();
    if (next === undefined || seen.has(next)) continue;
    seen.add(next);
    for (const edge of graph.edges) if (edge.source === next) todo.push(edge.target);
  }
  return seen;
}

/**
 * Takes nodes and notes out. Where a node had one way on, those who led to it lead there now, so that
 * removing a step from a chain leaves the chain whole.
 */
export function removeNodes(graph: Graph, ids: Iterable<string>): Graph {
  let edges = graph.edges;
  const gone = new Set(ids);
  for (const id of gone) {
    const out = edges.filter((edge) => edge.source === id);
    const onward = out.length === 1 ? out[0]?.target : undefined;
    edges = edges.flatMap((edge) => {
      if (edge.source === id) return [];
      if (edge.target !== id) return [edge];
      return onward && onward !== edge.source && onward !== id ? [{ ...edge, target: onward }] : [];
    });
  }
  const nodes = graph.nodes.filter((node) => !gone.has(node.id));
  const notes = notesOf(graph).filter((note) => !gone.has(noteKey(note.id)));
  return withNotes({ ...graph, nodes, edges }, notes);
}

export function removeEdges(graph: Graph, ids: ReadonlySet<string>): Graph {
  return { ...graph, edges: graph.edges.filter((edge) => !ids.has(edgeId(edge))) };
}

/** Changes a node's config, and lets go of edges on branches it no longer has. */
export function configure(graph: Graph, id: string, config: JsonObject, typeOf: TypeLookup): Graph {
  const nodes = graph.nodes.map((node) => (node.id === id ? { ...node, config } : node));
  const node = nodes.find((each) => each.id === id);
  if (!node) return graph;
  const before = nodeOf(graph, id);
  const had = before ? branchesOf(before, typeOf) : [];
  const has = branchesOf(node, typeOf);
  const renamed = renamedBranch(had, has);
  const edges = graph.edges.flatMap((edge) => {
    if (edge.source !== id || has.includes(branchOf(edge))) return [edge];
    return renamed && branchOf(edge) === renamed.from ? [{ ...edge, branch: renamed.to }] : [];
  });
  return { ...graph, nodes, edges };
}

function renamedBranch(had: string[], has: string[]): { from: string; to: string } | null {
  if (had.length !== has.length) return null;
  const from = had.filter((branch) => !has.includes(branch));
  const to = has.filter((branch) => !had.includes(branch));
  const [oldName] = from;
  const [newName] = to;
  return from.length === 1 && oldName && newName ? { from: oldName, to: newName } : null;
}

/** Moves steps by their ids, and notes by their keys. */
export function moveNodes(graph: Graph, positions: ReadonlyMap<string, Point>): Graph {
  const put = <T extends object>(each: T, key: string): T => {
    const position = positions.get(key);
    return position ? { ...each, position } : each;
  };
  const nodes = graph.nodes.map((node) => put(node, node.id));
  const notes = notesOf(graph).map((note) => put(note, noteKey(note.id)));
  return withNotes({ ...graph, nodes }, notes);
}

/** The nodes in reading order: along the edges from the triggers, then what nothing leads to. */
export function readingOrder(graph: Graph): string[] {
  const targets = new Set(graph.edges.map((edge) => edge.target));
  const byPlace = [...graph.nodes].sort(
    (a, b) =>
      (a.position?.y ?? 0) - (b.position?.y ?? 0) || (a.position?.x ?? 0) - (b.position?.x ?? 0),
  );
  const roots = byPlace.filter((node) => !targets.has(node.id));
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const edge of graph.edges) if (edge.source === id) visit(edge.target);
  };
  for (const node of [...roots, ...byPlace]) visit(node.id);
  return [...seen].filter((id) => nodeOf(graph, id) !== undefined);
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** Where an arrow key leads: along an edge up and down, to the nearest beside it left and right. */
export function neighbour(graph: Graph, id: string, direction: Direction): string | null {
  if (direction === 'down') {
    const out = graph.edges.find((edge) => edge.source === id);
    if (out) return out.target;
  }
  if (direction === 'up') {
    const into = graph.edges.find((edge) => edge.target === id);
    if (into) return into.source;
  }
  const from = placeOf(graph, id);
  if (!from) return null;
  let best: { id: string; cost: number } | null = null;
  for (const node of graph.nodes) {
    if (node.id === id || !node.position) continue;
    const dx = node.position.x - from.x;
    const dy = node.position.y - from.y;
    const [along, across] = {
      up: [-dy, dx],
      down: [dy, dx],
      left: [-dx, dy],
      right: [dx, dy],
    }[direction] as [number, number];
    if (along <= 8) continue;
    const cost = along + 2 * Math.abs(across);
    if (!best || cost < best.cost) best = { id: node.id, cost };
  }
  return best?.id ?? null;
}

/**
 * Gives a place to nodes that have none: each below what leads to it, branches side by side.
 * Quick and plain; the good layout is the worker's.
 */
export function placeMissing(graph: Graph): Graph {
  const places = new Map<string, Point>();
  const taken = new Set<string>();
  for (const { id, position } of graph.nodes) {
    // Nodes that lie exactly on another were never placed: a graph made by a program has no places.
    if (!position || taken.has(`${position.x},${position.y}`)) continue;
    taken.add(`${position.x},${position.y}`);
    places.set(id, position);
  }
  if (places.size === graph.nodes.length) return graph;
  const occupied = (at: Point) =>
    [...places.values()].some(
      (other) =>
        Math.abs(other.x - at.x) < NODE_WIDTH && Math.abs(other.y - at.y) < NODE_HEIGHT + 20,
    );
  for (const id of readingOrder(graph)) {
    if (places.has(id)) continue;
    const into = graph.edges.find((edge) => edge.target === id && places.has(edge.source));
    const above = into && places.get(into.source);
    const at = above ? { x: above.x, y: above.y + NODE_HEIGHT + GAP_Y } : { x: 0, y: 0 };
    while (occupied(at)) at.x += NODE_WIDTH + GAP_X;
    places.set(id, at);
  }
  return moveNodes(graph, places);
}

/** A place under a way out, beside what is there already. */
export function placeBelow(graph: Graph, end: OpenEnd, typeOf: TypeLookup): Point {
  const from = nodeOf(graph, end.node);
  if (!from) return { x: 0, y: 0 };
  const at = from.position ?? { x: 0, y: 0 };
  const branches = branchesOf(from, typeOf);
  const index = Math.max(0, branches.indexOf(end.branch));
  const spread = (index - (branches.length - 1) / 2) * (NODE_WIDTH + GAP_X);
  const gap = branches.length > 1 ? GAP_Y + 40 : GAP_Y;
  return { x: at.x + spread, y: at.y + NODE_HEIGHT + gap };
}

/** Where another trigger goes: on top, to the right of everything. */
export function besideAll(graph: Graph): Point {
  const places = graph.nodes.map((node) => node.position ?? { x: 0, y: 0 });
  if (places.length === 0) return { x: 0, y: 0 };
  return {
    x: Math.max(...places.map((at) => at.x)) + NODE_WIDTH + GAP_X,
    y: Math.min(0, ...places.map((at) => at.y)),
  };
}
