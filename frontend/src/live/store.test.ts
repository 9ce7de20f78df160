import { expect, it } from 'vitest';
import type { CountsMessage } from '@/api/types';
import { NO_TOTALS } from '@/model/counts';
import { createLiveStore } from './store';

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

it('keeps a bounded course of the numbers here', () => {
  const store = createLiveStore();
  store.getState().receive(message('snapshot', 1, 1, 0));
  for (let index = 0; index < 60; index += 1) store.getState().sample();
  expect(store.getState().history.wait).toHaveLength(40);
});
