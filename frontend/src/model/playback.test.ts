import { describe, expect, it } from 'vitest';
import type { Graph, Simulation } from '@/api/types';
import {
  advance,
  filmOf,
  happenedBy,
  headAt,
  shownLength,
  standingAt,
  stopFrom,
  stopsOf,
  usualSpeed,
} from './playback';
import type { Happening } from './trial';

const START = Date.parse('2026-06-01T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();

const graph: Graph = {
  nodes: ['cart', 'hour', 'remind'].map((id) => ({ id, type: 'wait', config: {} })),
  edges: [
    { source: 'cart', target: 'hour' },
    { source: 'hour', target: 'remind' },
  ],
};
const added: Happening = {
  id: 0,
  after: 'PT1H',
  kind: 'event',
  name: 'Product Added',
  value: '',
  properties: {},
};
const result: Simulation = {
  visits: {
    cart: [
      {
        path: [
          { node: 'cart', at: at(1), branch: 'next', reason: 'did Product Added' },
          { node: 'hour', at: at(1), branch: 'next', reason: 'wait 1 hour' },
          { node: 'remind', at: at(2), branch: null, reason: 'sends' },
        ],
        outcome: 'exited',
        at: at(5),
        reason: 'did Order Completed',
        until: null,
      },
    ],
  },
  messages: [
    {
      at: at(2),
      sent_at: at(3),
      flow: 'cart',
      node: 'remind',
      to: 'ada@example.com',
      subject: 'Hello',
      html: '',
      text: '',
      status: 'sent',
      reason: '',
    },
  ],
  segments: { buyers: [[at(5), 'entered']] },
  calls: [],
  fields: {},
  notes: [],
};
const range = { start: START, end: START + 90 * DAY };
const film = filmOf(result, 'cart', graph, [added], range);

describe('a film', () => {
  it('tells everything in order of time, what happens before what comes of it', () => {
    expect(film.entries.map(({ kind, at: when }) => `${kind} ${(when - START) / HOUR}`)).toEqual([
      'happening 1',
      'step 1',
      'step 1',
      'step 2',
      'mail 3',
      'segment 5',
      'end 5',
    ]);
  });
  it('stops at each instant once', () => {
    expect(stopsOf(film).map((stop) => (stop - START) / HOUR)).toEqual([1, 2, 3, 5]);
    expect(stopFrom(film, START, 1)).toBe(START + HOUR);
    expect(stopFrom(film, START + 2 * HOUR, -1)).toBe(START + HOUR);
    expect(stopFrom(film, START, -1)).toBeNull();
  });
  it('is shown as long as anything happens', () => {
    expect(shownLength(film)).toBe(6 * HOUR);
    expect(shownLength(filmOf(undefined, 'cart', graph, [], range))).toBe(HOUR / 12);
    expect(usualSpeed(6 * HOUR).value).toBe('PT1H');
  });
});

describe('the playhead', () => {
  const ways = (hours: number) => {
    const { node, ended, marks } = standingAt(film, graph, headAt(film, START + hours * HOUR));
    return { node, ended, edges: [...marks.edges], nodes: [...marks.nodes.keys()] };
  };
  it('is outside before anything happens', () => {
    expect(ways(0.5)).toEqual({ node: null, ended: null, edges: [], nodes: [] });
  });
  it('stands where the last step led, with the way lit', () => {
    expect(ways(1.5)).toEqual({
      node: 'hour',
      ended: null,
      edges: ['cart:next'],
      nodes: ['cart', 'hour'],
    });
    expect(ways(4).ended).toBeNull();
    expect(ways(5)).toMatchObject({ node: 'remind', ended: 'exited' });
  });
  it('walks the steps of one instant one after another while the clock stands', () => {
    const first = advance(film, { at: START, hops: 0 }, 2 * HOUR, START + 6 * HOUR);
    expect(first).toEqual({ at: START + HOUR, hops: 1 });
    const second = advance(film, first, 10, START + 6 * HOUR);
    expect(second).toEqual({ at: START + HOUR, hops: 2 });
    expect(advance(film, second, 600_000, START + 6 * HOUR).at).toBe(START + HOUR + 600_000);
    expect(happenedBy(film, first)).toBe(2);
    expect(happenedBy(film, second)).toBe(3);
  });
  it('stays within the film', () => {
    expect(headAt(film, START - DAY)).toEqual({ at: START, hops: 0 });
    expect(headAt(film, START + 900 * DAY)).toEqual({ at: range.end, hops: 3 });
    expect(advance(film, { at: START + 5 * HOUR, hops: 3 }, DAY, START + 6 * HOUR).at).toBe(
      START + 6 * HOUR,
    );
  });
  it('tells at the end that all has happened', () => {
    expect(happenedBy(film, headAt(film, range.end))).toBe(film.entries.length);
  });
});
