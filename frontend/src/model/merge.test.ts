import { describe, expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { type Document, merge, same } from './merge';

const node = (id: string, config = {}, more = {}) => ({ id, type: 'wait', config, ...more });
const doc = (graph: Graph, settings = {}, name = 'Cart'): Document => ({ name, graph, settings });
const chain = (...ids: string[]): Graph => ({
  nodes: ids.map((id) => node(id)),
  edges: ids.slice(1).map((id, index) => ({ source: ids[index] ?? '', target: id })),
});

describe('merging two drafts', () => {
  const base = doc(chain('a', 'b'), { suppress: ['x'] });

  it('takes from each what only they changed', () => {
    const mine = doc({ ...base.graph, nodes: [node('a', { for: 'PT1H' }), node('b')] });
    const theirs = doc(chain('a', 'b', 'c'), { suppress: ['x', 'y'] }, 'Cart 2');
    const { document, conflicts, taken } = merge(
      base,
      { ...mine, settings: base.settings },
      theirs,
    );
    expect(conflicts).toEqual([]);
    expect(taken).toBe(4);
    expect(document.name).toBe('Cart 2');
    expect(document.settings).toEqual({ suppress: ['x', 'y'] });
    expect(document.graph.nodes.map((each) => each.id)).toEqual(['a', 'b', 'c']);
    expect(document.graph.nodes[0]?.config).toEqual({ for: 'PT1H' });
    expect(document.graph.edges).toHaveLength(2);
  });

  it('asks about what both changed, and mine stands until somebody chooses', () => {
    const change = (value: string) =>
      doc({ ...base.graph, nodes: [node('a', { for: value }), node('b')] }, base.settings);
    const asked = merge(base, change('PT1H'), change('PT2H'));
    expect(asked.conflicts.map((each) => each.id)).toEqual(['node a']);
    expect(asked.document.graph.nodes[0]?.config).toEqual({ for: 'PT1H' });
    const chosen = merge(base, change('PT1H'), change('PT2H'), new Map([['node a', 'theirs']]));
    expect(chosen.document.graph.nodes[0]?.config).toEqual({ for: 'PT2H' });
    expect(merge(base, change('PT1H'), change('PT1H')).conflicts).toEqual([]);
  });

  it('asks when one removed what the other changed, not when the other only moved it', () => {
    const without = doc({ nodes: [node('a')], edges: [] }, base.settings);
    const moved = doc(
      { ...base.graph, nodes: [node('a'), node('b', {}, { position: { x: 9, y: 9 } })] },
      base.settings,
    );
    expect(merge(base, moved, without).conflicts).toEqual([]);
    expect(merge(base, moved, without).document.graph.nodes).toHaveLength(1);
    const changed = doc({ ...base.graph, nodes: [node('a'), node('b', { for: 'P1D' })] });
    expect(merge(base, changed, without).conflicts[0]?.id).toBe('node b');
  });

  it('keeps apart two new steps that got the same id', () => {
    const mine = doc(
      { nodes: [...base.graph.nodes, node('wait', { for: 'PT1H' })], edges: base.graph.edges },
      base.settings,
    );
    const theirs = doc(
      {
        nodes: [...base.graph.nodes, node('wait', { for: 'PT2H' })],
        edges: [...base.graph.edges, { source: 'b', target: 'wait' }],
      },
      base.settings,
    );
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(document.graph.nodes.map((each) => each.id).sort()).toEqual([
      'a',
      'b',
      'wait',
      'wait-2',
    ]);
    expect(document.graph.edges.at(-1)).toMatchObject({ source: 'b', target: 'wait' });
  });

  it('compares as data', () => {
    expect(same({ a: 1, b: [] }, { b: null, a: 1 })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  });
});

describe('merging notes', () => {
  const note = (id: string, text: string, more = {}) => ({ id, text, width: 220, ...more });
  const of = (...notes: ReturnType<typeof note>[]) => doc({ ...chain('a'), notes });

  it('takes each from whoever changed it, and asks where both did', () => {
    const base = of(note('n', 'one'), note('m', 'two'));
    const mine = of(note('n', 'one, mine'), note('m', 'two'));
    const theirs = of(note('n', 'one'), note('m', 'two, theirs'));
    const both = merge(base, mine, theirs);
    expect(both.conflicts).toEqual([]);
    expect(both.document.graph.notes?.map(({ text }) => text)).toEqual([
      'one, mine',
      'two, theirs',
    ]);
    const asked = merge(base, mine, of(note('n', 'one, theirs'), note('m', 'two')));
    expect(asked.conflicts.map(({ id }) => id)).toEqual(['note n']);
    expect(merge(base, of(), base).document.graph.notes).toBeUndefined();
  });

  it('keeps two new notes apart that both called the same', () => {
    const { document, conflicts } = merge(of(), of(note('n', 'mine')), of(note('n', 'theirs')));
    expect(conflicts).toEqual([]);
    expect(document.graph.notes?.map(({ text }) => text).sort()).toEqual(['mine', 'theirs']);
  });

  it('keeps the place of whoever moved it', () => {
    const at = { position: { x: 9, y: 9 } };
    const base = of(note('n', 'one'));
    const { document } = merge(base, of(note('n', 'mine')), of(note('n', 'one', at)));
    expect(document.graph.notes).toEqual([note('n', 'mine', at)]);
  });
});
