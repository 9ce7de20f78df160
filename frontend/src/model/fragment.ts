/**
 * Steps and notes taken out of a flow and put into one: copied, pasted, doubled. On the clipboard
 * they are text; what is read there may come from anywhere, so it is checked.
 */
import { t } from '@lingui/core/macro';
import type { Graph, GraphEdge, GraphNode, Json, JsonObject, Note } from '@/api/types';
import { idsOf, isObject as isJsonObject, newId, type Point } from './graph';
import {
  LONGEST_NOTE,
  MOST_NOTES,
  NOTE_NARROWEST,
  NOTE_WIDEST,
  noteKey,
  notesOf,
  withNotes,
} from './notes';

/** No flow has more steps than the server takes. */
const MOST = 500;

export type Read = { fragment: Graph } | { refused: string } | null;

export const fragmentText = (fragment: Graph): string => JSON.stringify({ millrace: fragment });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Null: the text is of something else altogether, and nobody need be told. */
export function readFragment(text: string, isKnown: (type: string) => boolean): Read {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  // A whole flow, as the API or a file has it, may be pasted as well.
  const found = isObject(data) ? (data.millrace ?? data.graph) : undefined;
  if (found === undefined) return null;
  if (!isObject(found) || !Array.isArray(found.nodes) || !Array.isArray(found.edges)) {
    return { refused: t`What is on the clipboard is no flow: it lacks its steps or its ways.` };
  }
  const notes = (Array.isArray(found.notes) ? found.notes : []).flatMap(noteFrom);
  if (found.nodes.length + notes.length === 0)
    return { refused: t`There is nothing on the clipboard to put here.` };
  if (found.nodes.length > MOST) return { refused: t`More than ${MOST} steps cannot be pasted.` };
  const nodes: GraphNode[] = [];
  const ids = new Set<string>();
  for (const each of found.nodes) {
    const node = nodeFrom(each);
    if (!node || ids.has(node.id)) return { refused: t`A step on the clipboard cannot be read.` };
    if (!isKnown(node.type)) return { refused: t`There is no kind of step “${node.type}” here.` };
    ids.add(node.id);
    nodes.push(node);
  }
  const edges: GraphEdge[] = [];
  for (const each of found.edges) {
    if (!isObject(each) || !isText(each.source) || !isText(each.target)) {
      return { refused: t`A way between the steps on the clipboard cannot be read.` };
    }
    const { source, target, branch } = each;
    if (ids.has(source) && ids.has(target)) {
      edges.push({ source, target, ...(isText(branch) && { branch }) });
    }
  }
  return { fragment: withNotes({ nodes, edges }, notes.slice(0, MOST_NOTES)) };
}

function nodeFrom(each: unknown): GraphNode | null {
  if (!isObject(each) || !isText(each.id) || !isText(each.type)) return null;
  const { id, type, config = {}, note, position } = each;
  if (!isObject(config)) return null;
  return {
    id,
    type,
    config: config as JsonObject,
    ...(isText(note) && { note }),
    ...placeFrom(position),
  };
}

function placeFrom(position: unknown): { position?: Point } {
  const { x, y } = isObject(position) ? position : {};
  const known = Number.isFinite(x) && Number.isFinite(y);
  return known ? { position: { x: x as number, y: y as number } } : {};
}

/** A note that cannot be read is left out: no step depends on it. */
function noteFrom(each: unknown): Note[] {
  if (!isObject(each) || !isText(each.id) || !isText(each.text)) return [];
  const width = typeof each.width === 'number' ? each.width : undefined;
  const fits = width !== undefined && width >= NOTE_NARROWEST && width <= NOTE_WIDEST;
  return [
    {
      id: each.id,
      text: each.text.slice(0, LONGEST_NOTE),
      ...placeFrom(each.position),
      ...(fits && { width }),
    },
  ];
}

/** The chosen steps with the edges among them, and the chosen notes, as it goes to the clipboard. */
export function fragmentOf(graph: Graph, ids: ReadonlySet<string>): Graph {
  const nodes = graph.nodes.filter((node) => ids.has(node.id));
  const edges = graph.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target));
  const notes = notesOf(graph).filter((note) => ids.has(noteKey(note.id)));
  return structuredClone(withNotes({ nodes, edges }, notes));
}

/** A config whose rules speak of the steps by their new ids. */
function renamedIn(value: Json, renamed: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item) => renamedIn(item, renamed));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const spoken = value.type === 'flow_email' && key === 'node' && typeof item === 'string';
    return [key, spoken ? (renamed.get(item) ?? item) : renamedIn(item as Json, renamed)];
  });
  return Object.fromEntries(entries) as JsonObject;
}

/** Adds a fragment, under new ids where theirs are taken; answers with the graph and what was added. */
export function paste(
  graph: Graph,
  fragment: Graph,
  offset: Point,
): { graph: Graph; ids: string[] } {
  const taken = idsOf(graph);
  const renamed = new Map<string, string>();
  const nodes = fragment.nodes.map((node) => {
    const id = taken.has(node.id) ? newId(taken, node.type) : node.id;
    taken.add(id);
    renamed.set(node.id, id);
    const at = node.position ?? { x: 0, y: 0 };
    return { ...node, id, position: { x: at.x + offset.x, y: at.y + offset.y } };
  });
  for (const node of nodes) node.config = renamedIn(node.config, renamed) as JsonObject;
  const edges = fragment.edges.flatMap((edge) => {
    const source = renamed.get(edge.source);
    const target = renamed.get(edge.target);
    return source && target ? [{ ...edge, source, target }] : [];
  });
  const known = new Set(notesOf(graph).map((note) => note.id));
  const notes = notesOf(fragment).map((note) => {
    const id = known.has(note.id) ? newId(known, 'note') : note.id;
    known.add(id);
    const at = note.position ?? { x: 0, y: 0 };
    return { ...note, id, position: { x: at.x + offset.x, y: at.y + offset.y } };
  });
  const whole = {
    ...graph,
    nodes: [...graph.nodes, ...nodes],
    edges: [...graph.edges, ...edges],
  };
  notes.splice(Math.max(0, MOST_NOTES - notesOf(graph).length));
  return {
    graph: withNotes(whole, [...notesOf(graph), ...notes]),
    ids: [...nodes.map((node) => node.id), ...notes.map((note) => noteKey(note.id))],
  };
}
