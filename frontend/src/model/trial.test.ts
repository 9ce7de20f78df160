import { describe, expect, it } from 'vitest';
import type { BacktestOutcome, Graph } from '@/api/types';
import {
  differenceWords,
  durationOf,
  emailDays,
  firstHappening,
  type Happening,
  timelineBody,
  trialCounts,
  walked,
} from './trial';

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
  expect(counts.get('a')).toMatchObject({ draft: 5, failed: 1, live: 4, most: 5 });
  expect(counts.get('b')).toMatchObject({ draft: 0, failed: 0, live: 0 });
  expect(counts.get('new')?.live).toBeNull();
  expect(
    trialCounts({ draft: outcome(5), live: null }, drawn('a'), null).get('a')?.live,
  ).toBeNull();
});

it('says of everything that may happen what the server is to be told', () => {
  const rows = [
    happening({ kind: 'score', value: -3 }),
    happening({ kind: 'consent', name: 'news', value: 'unsubscribed' }),
    happening({ kind: 'mail', name: 'opened', value: 'remind' }),
    happening({ kind: 'mail', name: 'bounced' }),
    happening({ kind: 'answer', name: 'hook', value: 503 }),
    happening({ kind: 'remove_from_segment', name: 'vip' }),
    happening({ kind: 'remove_from_flow' }),
    happening({ kind: 'unsubscribe' }),
  ];
  expect(timelineBody(rows, 'cart', START).map(({ at: _, ...rest }) => rest)).toEqual([
    { score: -3 },
    { consents: { news: 'unsubscribed' } },
    { mail: 'opened', message_of: 'remind' },
    { mail: 'bounced' },
    { answers: { hook: 503 } },
    { remove_from_segment: 'vip' },
    { remove_from_flow: 'cart' },
    { event: 'Unsubscribed' },
  ]);
});

it('says a distance from the start as a duration', () => {
  expect(durationOf(0)).toBeUndefined();
  expect(durationOf(90 * 60_000)).toBe('PT1H30M');
  expect(durationOf(86_400_000)).toBe('P1D');
  expect(durationOf(86_400_000 + 7_200_000)).toBe('P1DT2H');
});

it('sets the e-mails of each day beside each other, also of days without', () => {
  const outcome = (days: [string, number][]) =>
    ({
      emails_by_day: days.map(([day, n]) => ({ day, n })),
      nodes: {},
    }) as unknown as BacktestOutcome;
  const draft = outcome([['2026-06-01', 2]]);
  const live = outcome([['2026-06-03', 1]]);
  expect(emailDays({ draft, live })).toEqual([
    { day: '2026-06-01', draft: 2, live: 0 },
    { day: '2026-06-02', draft: 0, live: 0 },
    { day: '2026-06-03', draft: 0, live: 1 },
  ]);
  expect(emailDays({ draft: outcome([]), live: null })).toEqual([]);
  expect([differenceWords(5, 3), differenceWords(3, 5), differenceWords(3, 3)]).toEqual([
    '+2',
    '−2',
    'no change',
  ]);
});
