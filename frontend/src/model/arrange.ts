/** Several steps put in line or spaced evenly: where each of them would be. */
import type { GraphNode } from '@/api/types';
import { NODE_HEIGHT, NODE_WIDTH, type Point } from './graph';

export type Alignment = 'left' | 'middle' | 'right' | 'top' | 'bottom' | 'across' | 'down';

const at = (node: GraphNode): Point => node.position ?? { x: 0, y: 0 };

/** `across` and `down` space them evenly between the first and the last of them. */
export function aligned(nodes: GraphNode[], how: Alignment): Map<string, Point> {
  if (how === 'across' || how === 'down') return spaced(nodes, how === 'across' ? 'x' : 'y');
  const xs = nodes.map((node) => at(node).x);
  const ys = nodes.map((node) => at(node).y);
  const to = {
    left: { x: Math.min(...xs) },
    middle: { x: Math.round((Math.min(...xs) + Math.max(...xs)) / 2) },
    right: { x: Math.max(...xs) },
    top: { y: Math.min(...ys) },
    bottom: { y: Math.max(...ys) },
  }[how];
  return new Map(nodes.map((node) => [node.id, { ...at(node), ...to }]));
}

/** Never closer than cards are large: what would overlap is moved apart. */
function spaced(nodes: GraphNode[], axis: 'x' | 'y'): Map<string, Point> {
  const sorted = [...nodes].sort((a, b) => at(a)[axis] - at(b)[axis]);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last) return new Map();
  const least = (axis === 'x' ? NODE_WIDTH : NODE_HEIGHT) + 24;
  const even = (at(last)[axis] - at(first)[axis]) / Math.max(1, sorted.length - 1);
  const step = Math.max(least, even);
  return new Map(
    sorted.map((node, index) => [
      node.id,
      { ...at(node), [axis]: Math.round(at(first)[axis] + index * step) },
    ]),
  );
}
