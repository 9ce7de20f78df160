/** Steps on the clipboard, as text: what is read there may come from anywhere, so it is checked. */
import { t } from '@lingui/core/macro';
import type { Graph, GraphEdge, GraphNode, JsonObject } from '@/api/types';

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
  if (found.nodes.length === 0) return { refused: t`There is no step on the clipboard.` };
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
  return { fragment: { nodes, edges } };
}

function nodeFrom(each: unknown): GraphNode | null {
  if (!isObject(each) || !isText(each.id) || !isText(each.type)) return null;
  const { id, type, config = {}, note, position } = each;
  if (!isObject(config)) return null;
  const at = isObject(position) ? [position.x, position.y] : [];
  const [x, y] = at;
  return {
    id,
    type,
    config: config as JsonObject,
    ...(isText(note) && { note }),
    ...(Number.isFinite(x) &&
      Number.isFinite(y) && { position: { x: x as number, y: y as number } }),
  };
}
