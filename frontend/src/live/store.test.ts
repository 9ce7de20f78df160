import { expect, it } from 'vitest';
import type { CountsMessage } from '@/api/types';
import { NO_TOTALS } from '@/model/counts';
import { createLiveStore, receiver } from './store';

const message = (
  type: CountsMessage['type'],
  seq: number,
  here: number,
  out: number,
): CountsMessage => ({
  type,
  seq,
  at: '2026-11-22T10:00:00Z',
  nodes: {
    wait: { here, entered: here + out, left: out, failed: 0, next_due: null, out: { next: out } },
  },
  totals: NO_TOTALS,
  version: 1,
  rate: { entered: 0 },
});

it('counts journeys along an edge, and none for a snapshot that starts the watching', () => {
  const store = createLiveStore();
  store.getState().receive(message('snapshot', 1, 5, 100));
  expect(store.getState().journeys).toEqual({});
  store.getState().receive(message('counts', 2, 3, 102));
  expect(store.getState().journeys).toEqual({ 'wait:next': 2 });
  store.getState().receive(message('counts', 2, 3, 102));
  expect(store.getState().journeys).toEqual({ 'wait:next': 2 });
});

it('tells the pace of arrivals from what was seen within a minute', () => {
  const store = createLiveStore();
  store.getState().sample(0);
  expect(store.getState().marks).toEqual([]);
  for (let tick = 0; tick <= 30; tick += 1) {
    store.getState().receive(message(tick === 0 ? 'snapshot' : 'counts', tick, 0, tick * 2));
    store.getState().sample(tick * 5_000);
    if (tick === 1) expect(store.getState().pace).toEqual({});
  }
  expect(store.getState().pace).toEqual({ wait: 24 });
  expect(store.getState().marks).toHaveLength(13);
});

const settled = () => new Promise((done) => setTimeout(done, 0));

it('asks for all numbers when messages are missing, until they are as new as the last', async () => {
  const store = createLiveStore();
  const answers = [{ ...message('counts', 0, 4, 4), at: '2026-11-22T09:59:00Z' }];
  let asked = 0;
  const receive = receiver(
    store,
    async () => {
      asked += 1;
      return (answers.shift() ?? { ...message('counts', 0, 1, 9), status: 'live' }) as never;
    },
    (again) => again(),
  );
  receive(message('snapshot', 1, 5, 0));
  receive(message('counts', 2, 4, 1));
  await settled();
  expect(asked).toBe(0);
  receive(message('counts', 5, 2, 3));
  await settled();
  // The first answer was older than what the socket had said.
  expect(asked).toBe(2);
  expect(store.getState().counts.nodes.wait?.here).toBe(1);
  expect(store.getState().counts.seq).toBe(5);
  receive(message('counts', 6, 0, 10));
  await settled();
  expect(asked).toBe(2);
});

it('asks again by the next gap where the server could not answer', async () => {
  const store = createLiveStore();
  let asked = 0;
  const receive = receiver(store, async () => {
    asked += 1;
    throw new Error('away');
  });
  receive(message('snapshot', 1, 5, 0));
  receive(message('counts', 3, 4, 1));
  await settled();
  receive(message('counts', 5, 3, 2));
  await settled();
  expect(asked).toBe(2);
  expect(store.getState().counts.nodes.wait?.here).toBe(3);
});
