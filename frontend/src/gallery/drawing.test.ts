import { expect, test } from 'vitest';
import type { Graph } from '@/api/types';
import { CARD, sheet, thumbnail } from './drawing';

const GRAPH: Graph = {
  nodes: [
    { id: 'in', type: 'manual', config: {}, position: { x: 0, y: 0 } },
    { id: 'ask', type: 'condition', config: {}, position: { x: 0, y: 156 } },
    { id: 'yes', type: 'wait', config: {}, position: { x: -150, y: 312 } },
    { id: 'no', type: 'exit', config: {}, position: { x: 150, y: 312 } },
  ],
  edges: [
    { source: 'in', target: 'ask' },
    { source: 'ask', target: 'yes', branch: 'yes' },
    { source: 'ask', target: 'no', branch: 'no' },
    { source: 'yes', target: 'ask' },
  ],
};

test('the small drawing reads from left to right, every tile inside it', () => {
  const { spots, lines, width, height } = thumbnail(GRAPH);
  const at = Object.fromEntries(spots.map((spot) => [spot.id, spot]));
  expect(at.in?.x).toBeLessThan(at.ask?.x ?? 0);
  expect(at.yes?.x).toBe(at.no?.x);
  expect(at.yes?.y).toBeLessThan(at.no?.y ?? 0);
  expect(lines).toHaveLength(4);
  for (const { x, y } of spots) {
    expect(x).toBeLessThan(width);
    expect(y).toBeLessThan(height);
  }
});

test('the large drawing reads downwards and names the ways of a fork', () => {
  const { spots, labels, width, height } = sheet(GRAPH);
  const at = Object.fromEntries(spots.map((spot) => [spot.id, spot]));
  expect(at.in?.y).toBeLessThan(at.ask?.y ?? 0);
  expect((at.no?.x ?? 0) - (at.yes?.x ?? 0)).toBeGreaterThan(CARD.width);
  expect(labels.map(({ branch }) => branch)).toEqual(['yes', 'no']);
  expect(Math.max(...spots.map(({ x }) => x)) + CARD.width).toBeLessThan(width);
  expect(Math.max(...spots.map(({ y }) => y)) + CARD.height).toBeLessThan(height);
});

test('a flow of one step is drawn, too', () => {
  const one = { nodes: GRAPH.nodes.slice(0, 1), edges: [] };
  expect(thumbnail(one)).toMatchObject({ lines: [], width: 26, height: 26 });
  expect(sheet(one).labels).toEqual([]);
});
