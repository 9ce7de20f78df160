import { describe, expect, it } from 'vitest';
import type { Job } from '@/settings/types';
import { justEnded, listed, pageOf, shareDone } from './jobs';

const job = (given: Partial<Job>): Job => ({
  id: 'a',
  kind: 'segment_build',
  title: 'Build the segment VIP',
  status: 'running',
  done: 0,
  total: 100,
  detail: {},
  error: '',
  cancel_requested: false,
  created_at: '2026-11-22T10:00:00Z',
  started_at: '2026-11-22T10:00:00Z',
  finished_at: null,
  ...given,
});

it('is as far as its jobs are on average, and does not guess', () => {
  expect(shareDone([job({ done: 50 }), job({ done: 100 })])).toBe(0.75);
  expect(shareDone([job({ done: 50 }), job({ status: 'done', done: 100 })])).toBe(0.5);
  expect(shareDone([job({ done: 50 }), job({ total: null })])).toBeNull();
  expect(shareDone([])).toBeNull();
  expect(shareDone([job({ done: 300, total: 100 })])).toBe(1);
});

describe('where a job belongs', () => {
  it.each([
    ['segment_build', { segment: 'vip' }, '/segments/vip'],
    ['contact_import', { import: 7 }, '/contacts/import/7'],
    ['flow_rollout', { flow: 'cart' }, '/flows/cart?tab=live'],
    ['backtest', { flow: 'cart', backtest: 3 }, '/flows/cart?tab=try&way=backtest&backtest=3'],
    ['backtest', { flow: 'cart' }, '/flows/cart?tab=try&way=backtest'],
    ['upkeep', { removed: 3 }, null],
    ['segment_build', {}, null],
  ])('%s with %j is at %s', (kind, detail, page) => {
    expect(pageOf({ kind, detail })).toBe(page);
  });
});

it('tells the end only of what was seen under way', () => {
  const before = [job({ id: 'a' }), job({ id: 'b', status: 'done' }), job({ id: 'c' })];
  const now = [
    job({ id: 'a', status: 'failed' }),
    job({ id: 'b', status: 'done' }),
    job({ id: 'c' }),
    job({ id: 'd', status: 'done' }),
  ];
  expect(justEnded(before, now).map(({ id }) => id)).toEqual(['a']);
});

it('lists what is under way first, then what ended lately', () => {
  const at = Date.parse('2026-11-22T11:00:00Z');
  const jobs = [
    job({ id: 'late', status: 'done', finished_at: '2026-11-22T10:58:00Z' }),
    job({ id: 'open', status: 'queued' }),
    job({ id: 'old', status: 'done', finished_at: '2026-11-22T09:00:00Z' }),
  ];
  expect(listed(jobs, at, 600_000).map(({ id }) => id)).toEqual(['open', 'late']);
});
