import { expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { MANY, stepEdges, stepNodes } from './view';

const typeOf = (type: string) =>
  ({
    wait: { group: 'wait' as const, branches: ['next'] },
    wait_date: { group: 'wait' as const, branches: ['next', 'passed'] },
  })[type];
const node = (id: string, type: string) => ({ id, type, config: {} });

it('names ways that lead to the same step together, on the first of them', () => {
  const graph: Graph = {
    nodes: [node('date', 'wait_date'), node('rest', 'wait'), node('end', 'wait')],
    edges: [
      { source: 'date', branch: 'next', target: 'rest' },
      { source: 'date', branch: 'passed', target: 'rest' },
      { source: 'rest', target: 'end' },
    ],
  };
  const labels = stepEdges(graph, undefined, typeOf).map((edge) => edge.data?.labels);
  expect(labels).toEqual([['next', 'passed'], [], null]);
});

it('foretells the size of cards in a large flow only', () => {
  const many: Graph = {
    nodes: Array.from({ length: MANY + 1 }, (_, index) => node(`n${index}`, 'wait')),
    edges: [],
  };
  const few: Graph = { nodes: many.nodes.slice(0, 3), edges: [] };
  expect(stepNodes(many, new Set(), typeOf, [])[0]?.handles).toHaveLength(2);
  expect(stepNodes(few, new Set(), typeOf, [])[0]?.handles).toBeUndefined();
});
