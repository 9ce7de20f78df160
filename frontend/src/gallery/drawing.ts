/** Where things stand in the drawings of a flow template: small sidewards, large downwards. PURE. */
import type { Graph, GraphEdge } from '@/api/types';
import { branchOf } from '@/model/graph';

export interface Spot {
  id: string;
  x: number;
  y: number;
}

export interface Line {
  id: string;
  path: string;
}

export interface Drawing {
  spots: Spot[];
  lines: Line[];
  width: number;
  height: number;
}

export const TILE = 26;
const STEP = { along: 38, across: 38 };
const ROUND = 6;

/** Every distinct number in its order: the rows and columns of a drawing. */
function ranks(values: readonly number[]): Map<number, number> {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return new Map(sorted.map((value, index) => [value, index]));
}

/** The flow as a row of tiles from left to right, branches below one another. */
export function thumbnail(graph: Graph): Drawing {
  const rows = ranks(graph.nodes.map(({ position }) => position?.y ?? 0));
  const xs = graph.nodes.map(({ position }) => position?.x ?? 0);
  const left = Math.min(...xs);
  const spread = Math.max(...xs) - left;
  const columns = Math.max(1, Math.round(spread / 300));
  const spots = graph.nodes.map(({ id, position }) => ({
    id,
    x: TILE / 2 + (rows.get(position?.y ?? 0) ?? 0) * STEP.along,
    y: TILE / 2 + (spread ? (((position?.x ?? 0) - left) / spread) * columns * STEP.across : 0),
  }));
  const at = new Map(spots.map((spot) => [spot.id, spot]));
  const height = (spread ? columns * STEP.across : 0) + TILE;
  const lines = graph.edges.flatMap((edge): Line[] => {
    const [from, to] = [at.get(edge.source), at.get(edge.target)];
    if (!from || !to) return [];
    const path = to.x > from.x ? sidewards(from, to) : backwards(from, to, height + 9);
    return [{ id: idOf(edge), path }];
  });
  const loops = graph.edges.some(
    (edge) => (at.get(edge.target)?.x ?? 0) <= (at.get(edge.source)?.x ?? 0),
  );
  const width = Math.max(0, ...spots.map(({ x }) => x)) + TILE / 2;
  return { spots, lines, width, height: height + (loops ? 12 : 0) };
}

const idOf = (edge: GraphEdge): string => `${edge.source}:${branchOf(edge)}`;

function sidewards(from: Spot, to: Spot): string {
  if (from.y === to.y) return `M${from.x} ${from.y}H${to.x}`;
  // A branch turns right behind the fork, ways that meet turn right before where they do.
  const turn = from.x + STEP.along / 2;
  const down = to.y > from.y ? 1 : -1;
  return [
    `M${from.x} ${from.y}H${turn - ROUND}`,
    `Q${turn} ${from.y} ${turn} ${from.y + down * ROUND}`,
    `V${to.y - down * ROUND}`,
    `Q${turn} ${to.y} ${turn + ROUND} ${to.y}`,
    `H${to.x}`,
  ].join('');
}

function backwards(from: Spot, to: Spot, below: number): string {
  return [
    `M${from.x} ${from.y}V${below - ROUND}`,
    `Q${from.x} ${below} ${from.x - ROUND} ${below}`,
    `H${to.x + ROUND}`,
    `Q${to.x} ${below} ${to.x} ${below - ROUND}`,
    `V${to.y}`,
  ].join('');
}

export const CARD = { width: 236, height: 64 };
const ROW = 112;
const MARGIN = 28;

export interface Label {
  id: string;
  branch: string;
  x: number;
  y: number;
}

export interface Sheet extends Drawing {
  labels: Label[];
}

/** The flow from top to bottom, as on the canvas but closer; cards begin at their spot's top left. */
export function sheet(graph: Graph): Sheet {
  const rows = ranks(graph.nodes.map(({ position }) => position?.y ?? 0));
  const left = Math.min(...graph.nodes.map(({ position }) => position?.x ?? 0));
  const spots = graph.nodes.map(({ id, position }) => ({
    id,
    x: MARGIN + ((position?.x ?? 0) - left) * 0.88,
    y: MARGIN + (rows.get(position?.y ?? 0) ?? 0) * ROW,
  }));
  const at = new Map(spots.map((spot) => [spot.id, spot]));
  const width = Math.max(0, ...spots.map(({ x }) => x)) + CARD.width + MARGIN;
  const ways = new Map<string, number>();
  for (const { source } of graph.edges) ways.set(source, (ways.get(source) ?? 0) + 1);
  const lines: Line[] = [];
  const labels: Label[] = [];
  let loops = false;
  for (const edge of graph.edges) {
    const [from, to] = [at.get(edge.source), at.get(edge.target)];
    if (!from || !to) continue;
    const [x, y] = [from.x + CARD.width / 2, from.y + CARD.height / 2];
    const target = to.x + CARD.width / 2;
    if (to.y > from.y) {
      lines.push({ id: idOf(edge), path: downwards(x, y, target, to.y) });
      if ((ways.get(edge.source) ?? 0) > 1) {
        // Straight down past a branch: the name stands where the way begins.
        const far = x === target && to.y - from.y > ROW;
        const place = far ? from.y + ROW - 15 : to.y - 15;
        labels.push({ id: idOf(edge), branch: branchOf(edge), x: target, y: place });
      }
    } else {
      loops = true;
      lines.push({ id: idOf(edge), path: upwards(x, y, to, width) });
    }
  }
  const height = Math.max(0, ...spots.map(({ y }) => y)) + CARD.height + MARGIN;
  return { spots, lines, labels, width: width + (loops ? MARGIN : 0), height };
}

function downwards(x: number, y: number, target: number, end: number): string {
  if (x === target) return `M${x} ${y}V${end}`;
  const turn = end - 30;
  const side = target > x ? 1 : -1;
  return [
    `M${x} ${y}V${turn - ROUND}`,
    `Q${x} ${turn} ${x + side * ROUND} ${turn}`,
    `H${target - side * ROUND}`,
    `Q${target} ${turn} ${target} ${turn + ROUND}`,
    `V${end}`,
  ].join('');
}

/** Along the right edge and into the side of the card above. */
function upwards(x: number, y: number, to: Spot, edge: number): string {
  const into = to.y + CARD.height / 2;
  return [
    `M${x} ${y}H${edge - ROUND}`,
    `Q${edge} ${y} ${edge} ${y - ROUND}`,
    `V${into + ROUND}`,
    `Q${edge} ${into} ${edge - ROUND} ${into}`,
    `H${to.x + CARD.width}`,
  ].join('');
}
