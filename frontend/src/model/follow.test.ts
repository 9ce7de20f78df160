import { describe, expect, it } from 'vitest';
import type { Graph, VisitShown } from '@/api/types';
import { beside, edgesWalked, litBy } from './follow';

const node = (id: string) => ({ id, type: 'wait', config: {} });
const graph: Graph = {
  nodes: ['come', 'ask', 'mail', 'rest', 'end'].map(node),
  edges: [
    { source: 'come', target: 'ask' },
    { source: 'ask', branch: 'no', target: 'mail' },
    { source: 'ask', branch: 'yes', target: 'end' },
    { source: 'mail', target: 'rest' },
    { source: 'rest', target: 'ask' },
  ],
};
const step = (seq: number, id: string, branch: string | null) => ({
  seq,
  node: id,
  at: '2026-06-01T00:00:00Z',
  branch,
  reason: '',
  title: id,
  sentence: id,
});
const visit = (
  path: [string, string | null][],
  next: VisitShown['next'] = [],
  more: Partial<VisitShown> = {},
): VisitShown => ({
  id: 7,
  flow: 'cart',
  flow_name: 'Cart',
  version: 1,
  contact: null,
  entered_at: '2026-06-01T00:00:00Z',
  left_at: null,
  outcome: 'inside',
  reason: '',
  error: '',
  path: path.map(([id, branch], place) => step(place + 1, id, branch)),
  here: {
    node: path.at(-1)?.[0] ?? '',
    since: '2026-06-01T00:00:00Z',
    until: null,
    next: '',
  },
  next,
  visits: [{ id: 7, entered_at: '2026-06-01T00:00:00Z', outcome: 'inside' }],
  ...more,
});

describe('what is lit', () => {
  it('is the way that was walked, and no other', () => {
    const { marks, times } = litBy(
      graph,
      visit([
        ['come', 'next'],
        ['ask', 'no'],
        ['mail', null],
      ]),
    );
    expect([...marks.nodes]).toEqual([
      ['come', 'walked'],
      ['ask', 'walked'],
      ['mail', 'walked'],
    ]);
    expect([...marks.edges]).toEqual(['come:next', 'ask:no']);
    expect(times.size).toBe(0);
  });
  it('counts how many times a loop was walked', () => {
    const rounds = Array.from({ length: 70 }, () => [
      ['ask', 'no'],
      ['mail', 'next'],
      ['rest', 'next'],
    ]).flat() as [string, string][];
    const { marks, times } = litBy(graph, visit([['come', 'next'], ...rounds]));
    expect(times.get('mail')).toBe(70);
    expect(times.has('come')).toBe(false);
    expect(marks.edges.size).toBe(4);
  });
  it('lights no edge to a step that somebody was moved to', () => {
    const path = visit([
      ['come', 'moved'],
      ['rest', null],
    ]).path;
    expect(edgesWalked(graph, path)).toEqual([null]);
  });
  it('leaves out steps which the drawing does not have', () => {
    const { marks } = litBy(
      graph,
      visit([
        ['come', 'next'],
        ['gone', null],
      ]),
    );
    expect([...marks.nodes.keys()]).toEqual(['come']);
  });
  it('shows each step that may be next once, with its instant', () => {
    const at = '2026-06-02T00:00:00Z';
    const ahead = litBy(
      graph,
      visit(
        [['ask', null]],
        [
          { node: 'end', branch: 'yes', at: null, words: '' },
          { node: 'mail', branch: 'no', at, words: '' },
          { node: null, branch: 'else', at: null, words: '' },
        ],
      ),
    ).ahead;
    expect(ahead).toEqual([
      { node: 'end', edge: 'ask:yes', at: null },
      { node: 'mail', edge: 'ask:no', at },
    ]);
  });
  it('shows nothing ahead while the way is still being walked on the page', () => {
    const shown = visit(
      [
        ['come', 'next'],
        ['ask', null],
      ],
      [{ node: 'end', branch: 'yes', at: null, words: '' }],
    );
    expect(litBy(graph, shown, 0).ahead).toEqual([]);
    expect([...litBy(graph, shown, 0).marks.nodes.keys()]).toEqual(['come']);
  });
});

it('knows the visits before and after', () => {
  const visits = [3, 7, 9].map((id) => ({ id, entered_at: '', outcome: 'completed' }));
  expect(beside(visit([['come', null]], [], { visits }))).toEqual({
    place: 1,
    before: 3,
    after: 9,
  });
});
