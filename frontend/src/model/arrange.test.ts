import { expect, it } from 'vitest';
import { aligned } from './arrange';

const NODES = [
  { id: 'a', type: 'wait', config: {}, position: { x: 0, y: 0 } },
  { id: 'b', type: 'wait', config: {}, position: { x: 100, y: 10 } },
  { id: 'c', type: 'wait', config: {}, position: { x: 1000, y: 400 } },
];

it('puts steps in line', () => {
  expect(aligned(NODES, 'left').get('c')).toEqual({ x: 0, y: 400 });
  expect(aligned(NODES, 'middle').get('a')).toEqual({ x: 500, y: 0 });
  expect(aligned(NODES, 'top').get('c')).toEqual({ x: 1000, y: 0 });
});

it('spaces steps evenly, and moves apart what would overlap', () => {
  expect(aligned(NODES, 'across').get('b')).toEqual({ x: 500, y: 10 });
  const close = NODES.map((node) => ({ ...node, position: { x: 0, y: node.id === 'a' ? 0 : 5 } }));
  expect(aligned(close, 'down').get('b')?.y).toBeGreaterThan(100);
});
