import { describe, expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { fragmentOf, paste } from './fragment';
import {
  branchesOf,
  canConnect,
  configure,
  connect,
  disconnect,
  EMPTY_GRAPH,
  insertAt,
  makeNode,
  neighbour,
  newId,
  openEnds,
  placeMissing,
  readingOrder,
  removeNodes,
  type TypeFacts,
  wouldSpin,
} from './graph';

const TYPES: Record<string, TypeFacts> = {
  event: { group: 'trigger', branches: ['next'] },
  wait: { group: 'wait', branches: ['next'] },
  condition: { group: 'condition', branches: ['yes', 'no'] },
  send_email: { group: 'action', branches: ['next'] },
  exit: { group: 'end', branches: [] },
};
const typeOf = (type: string) => TYPES[type];

const node = (id: string, type: string, x = 0, y = 0, config = {}) => ({
  id,
  type,
  config,
  position: { x, y },
});

const CART: Graph = {
  nodes: [
    node('cart', 'event'),
    node('hour', 'wait', 0, 140),
    node('asked', 'condition', 0, 280),
    node('remind', 'send_email', -150, 420),
    node('out', 'exit', 150, 420),
  ],
  edges: [
    { source: 'cart', target: 'hour' },
    { source: 'hour', target: 'asked', branch: 'next' },
    { source: 'asked', target: 'remind', branch: 'yes' },
    { source: 'asked', target: 'out', branch: 'no' },
  ],
};

describe('ways out', () => {
  it('are those of the type', () => {
    expect(branchesOf(node('a', 'condition'), typeOf)).toEqual(['yes', 'no']);
    expect(branchesOf(node('a', 'exit'), typeOf)).toEqual([]);
  });

  it('are those the config names, for a switch and a split', () => {
    const cases = { cases: [{ branch: 'gold' }, { branch: 'silver' }] };
    expect(branchesOf(node('a', 'switch', 0, 0, cases), typeOf)).toEqual([
      'gold',
      'silver',
      'else',
    ]);
    const branches = {
      branches: [
        { branch: 'a', weight: 50 },
        { branch: 'b', weight: 50 },
      ],
    };
    expect(branchesOf(node('a', 'split', 0, 0, branches), typeOf)).toEqual(['a', 'b']);
  });

  it('of a type nobody knows is one', () => {
    expect(branchesOf(node('a', 'teleport'), typeOf)).toEqual(['next']);
  });

  it('are open where no edge leaves', () => {
    expect(openEnds(CART, typeOf)).toEqual([{ node: 'remind', branch: 'next' }]);
  });
});

describe('connecting', () => {
  it('replaces what the branch led to', () => {
    const graph = connect(CART, { node: 'asked', branch: 'no' }, 'remind');
    expect(graph.edges.filter((edge) => edge.source === 'asked')).toEqual([
      { source: 'asked', target: 'remind', branch: 'yes' },
      { source: 'asked', target: 'remind', branch: 'no' },
    ]);
    expect(CART.edges).toHaveLength(4);
  });

  it('never leads to a trigger or to itself', () => {
    expect(canConnect(CART, { source: 'remind', target: 'cart' }, typeOf)).toBe(false);
    expect(canConnect(CART, { source: 'remind', target: 'remind' }, typeOf)).toBe(false);
  });

  it('refuses a loop on which no time passes and allows one through a wait', () => {
    expect(wouldSpin(CART, 'remind', 'asked', typeOf)).toBe(true);
    expect(canConnect(CART, { source: 'remind', target: 'asked' }, typeOf)).toBe(false);
    expect(canConnect(CART, { source: 'remind', target: 'hour' }, typeOf)).toBe(true);
  });

  it('lets go of an edge', () => {
    expect(disconnect(CART, { node: 'cart', branch: 'next' }).edges).toHaveLength(3);
  });
});

describe('inserting', () => {
  it('into an edge keeps the chain whole and makes room below', () => {
    const fresh = makeNode(CART, 'wait', { for: 'PT1H' }, { x: 0, y: 140 });
    const graph = insertAt(CART, { node: 'cart', branch: 'next' }, fresh, typeOf);
    expect(fresh.id).toBe('wait');
    expect(graph.edges).toContainEqual({ source: 'cart', target: 'wait', branch: 'next' });
    expect(graph.edges).toContainEqual({ source: 'wait', target: 'hour', branch: 'next' });
    const hour = graph.nodes.find((each) => each.id === 'hour');
    expect(hour?.position?.y).toBeGreaterThan(140);
  });

  it('of a node without a way out lets the rest go', () => {
    const graph = insertAt(
      CART,
      { node: 'cart', branch: 'next' },
      node('end', 'exit', 0, 70),
      typeOf,
    );
    expect(graph.edges.some((edge) => edge.target === 'hour')).toBe(false);
  });
});

describe('removing', () => {
  it('heals a chain', () => {
    const graph = removeNodes(CART, ['hour']);
    expect(graph.edges).toContainEqual({ source: 'cart', target: 'asked' });
  });

  it('leaves no edge to what is gone', () => {
    const graph = removeNodes(CART, ['asked', 'hour']);
    const ids = new Set(graph.nodes.map((each) => each.id));
    expect(graph.edges.every((edge) => ids.has(edge.source) && ids.has(edge.target))).toBe(true);
  });
});

describe('configuring', () => {
  const split: Graph = {
    nodes: [
      node('ab', 'split', 0, 0, {
        branches: [
          { branch: 'a', weight: 50 },
          { branch: 'b', weight: 50 },
        ],
      }),
      node('x', 'exit'),
    ],
    edges: [
      { source: 'ab', target: 'x', branch: 'a' },
      { source: 'ab', target: 'x', branch: 'b' },
    ],
  };

  it('keeps the edge of a renamed branch', () => {
    const config = {
      branches: [
        { branch: 'a', weight: 50 },
        { branch: 'control', weight: 50 },
      ],
    };
    expect(configure(split, 'ab', config, typeOf).edges[1]).toMatchObject({ branch: 'control' });
  });

  it('lets go of the edge of a removed branch', () => {
    const config = { branches: [{ branch: 'a', weight: 100 }] };
    expect(configure(split, 'ab', config, typeOf).edges).toHaveLength(1);
  });
});

describe('copying', () => {
  it('gives new ids and keeps the edges among the copied', () => {
    const fragment = fragmentOf(CART, new Set(['hour', 'asked']));
    const { graph, ids } = paste(CART, fragment, { x: 40, y: 40 });
    expect(ids).toEqual(['wait', 'condition']);
    expect(graph.edges).toContainEqual({ source: 'wait', target: 'condition', branch: 'next' });
    expect(graph.nodes).toHaveLength(7);
  });

  it('keeps ids that are free, as in another flow', () => {
    const fragment = fragmentOf(CART, new Set(['hour', 'asked']));
    expect(paste(EMPTY_GRAPH, fragment, { x: 0, y: 0 }).ids).toEqual(['hour', 'asked']);
  });

  it('lets rules speak of the copied e-mail by its new id', () => {
    const mail = { id: 'mail', type: 'send_email', config: {} };
    const asks = { type: 'flow_email', node: 'mail', op: 'clicked' };
    const asked = { id: 'asked', type: 'condition', config: { rule: { type: 'not', rule: asks } } };
    const graph = { nodes: [mail, asked], edges: [] };
    const copied = paste(graph, graph, { x: 0, y: 0 }).graph.nodes;
    expect(copied[3]?.config).toEqual({
      rule: { type: 'not', rule: { ...asks, node: 'send-email' } },
    });
    expect(copied[1]?.config).toEqual(asked.config);
  });

  it('counts ids up', () => {
    expect(newId(new Set(['wait', 'wait-2']), 'wait')).toBe('wait-3');
    expect(newId(new Set(), 'send_email')).toBe('send-email');
  });
});

describe('finding the way', () => {
  it('reads along the edges', () => {
    expect(readingOrder(CART)).toEqual(['cart', 'hour', 'asked', 'remind', 'out']);
  });

  it('reads a loop once', () => {
    const graph = connect(CART, { node: 'remind', branch: 'next' }, 'hour');
    expect(readingOrder(graph)).toHaveLength(5);
  });

  it('goes by arrow keys', () => {
    expect(neighbour(CART, 'hour', 'down')).toBe('asked');
    expect(neighbour(CART, 'hour', 'up')).toBe('cart');
    expect(neighbour(CART, 'remind', 'right')).toBe('out');
    expect(neighbour(CART, 'cart', 'up')).toBeNull();
  });

  it('places what has no place, without laying one on another', () => {
    const bare = { ...CART, nodes: CART.nodes.map(({ position: _, ...rest }) => rest) };
    const placed = placeMissing(bare);
    const spots = placed.nodes.map((each) => `${each.position?.x},${each.position?.y}`);
    expect(new Set(spots).size).toBe(5);
  });

  it('takes nodes that lie on one another for unplaced, and leaves a placed graph alone', () => {
    const heap = {
      ...CART,
      nodes: CART.nodes.map((each) => ({ ...each, position: { x: 0, y: 0 } })),
    };
    const spots = placeMissing(heap).nodes.map((each) => `${each.position?.x},${each.position?.y}`);
    expect(new Set(spots).size).toBe(5);
    expect(placeMissing(CART)).toBe(CART);
  });
});
