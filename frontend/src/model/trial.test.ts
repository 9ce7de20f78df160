import { describe, expect, it } from 'vitest';
import type { BacktestOutcome, Graph } from '@/api/types';
import { firstHappening, type Happening, timelineBody, trialCounts, walked } from './trial';

const START = '2026-06-01T00:00:00Z';
const happening = (part: Partial<Happening>): Happening => ({
  id: 0,
  kind: 'event',
  name: '',
  value: '',
  properties: {},
  ...part,
});

describe('a timeline', () => {
  it('is told by its distance from the start', () => {
    const rows = [
      happening({ name: 'Order Completed', properties: { total: 5 } }),
      happening({ kind: 'fields', name: 'plan', value: 'pro', after: 'PT1H' }),
      happening({ kind: 'add_to_flow', after: 'P1D' }),
    ];
    expect(timelineBody(rows, 'cart', START)).toEqual([
      { at: START, event: 'Order Completed', properties: { total: 5 } },
      { at: 'PT1H', fields: { plan: 'pro' } },
      { at: 'P1D', add_to_flow: 'cart' },
    ]);
  });
  it('leaves out what has no name yet', () => {
    expect(timelineBody([happening({}), happening({ kind: 'fields' })], 'cart', START)).toEqual([]);
  });
  it('begins with what lets people in', () => {
    const graph: Graph = {
      nodes: [{ id: 't', type: 'segment_entered', config: { segment: 'vip' } }],
      edges: [],
    };
    expect(firstHappening(graph)).toMatchObject({ kind: 'add_to_segment', name: 'vip' });
    expect(firstHappening({ nodes: [], edges: [] })).toMatchObject({ kind: 'event', name: '' });
  });
});

it('marks the way that was walked, as far as it is played', () => {
  const graph: Graph = {
    nodes: ['a', 'b', 'c'].map((id) => ({ id, type: 'wait', config: {} })),
    edges: [
      { source: 'a', target: 'b' },
      { source: 'b', target: 'c', branch: 'yes' },
    ],
  };
  const path = [
    { node: 'a', at: START, branch: 'next', reason: '' },
    { node: 'b', at: START, branch: 'yes', reason: '' },
    { node: 'c', at: START, branch: null, reason: '' },
  ];
  expect([...walked(graph, path, 1).edges]).toEqual(['a:next']);
  expect([...walked(graph, path, 2).edges]).toEqual(['a:next', 'b:yes']);
  expect([...walked(graph, path, 0).nodes.keys()]).toEqual(['a']);
});

it('sets the numbers of a past period beside each other, nobody where nobody came', () => {
  const outcome = (entered: number) =>
    ({
      nodes: { a: { here: 0, entered, left: 0, failed: 1, out: {} } },
    }) as unknown as BacktestOutcome;
  const drawn = (...ids: string[]): Graph => ({
    nodes: ids.map((id) => ({ id, type: 'wait', config: {} })),
    edges: [],
  });
  const counts = trialCounts(
    { draft: outcome(5), live: outcome(4) },
    drawn('a', 'b', 'new'),
    drawn('a', 'b'),
  );
  expect(counts.get('a')).toEqual({ draft: 5, failed: 1, live: 4 });
  expect(counts.get('b')).toEqual({ draft: 0, failed: 0, live: 0 });
  expect(counts.get('new')?.live).toBeNull();
  expect(
    trialCounts({ draft: outcome(5), live: null }, drawn('a'), null).get('a')?.live,
  ).toBeNull();
});
