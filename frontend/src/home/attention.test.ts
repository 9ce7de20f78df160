import { describe, expect, it } from 'vitest';
import type { FlowRow, Health } from '@/api/types';
import { concernsOf } from './attention';

const none = { count: 0, more: false };
const well: Health = {
  status: 'ok',
  database: 'ok',
  engine: { workers: 1, inbox: 0, touched: 0, due: 0, lag_seconds: 0.2 },
  jobs: { waiting: 0, failed: 0 },
};
const calm = { health: well, flows: [], rejected: none, failedMessages: none, warnedFields: 0 };

const flow = (failed: number, status: FlowRow['status'] = 'live'): FlowRow => ({
  key: 'cart',
  name: 'Cart',
  status,
  version: 1,
  revision: 1,
  alert: '',
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-01T00:00:00Z',
  problems: 0,
  totals: { entered: 5, inside: 5 - failed, completed: 0, converted: 0, exited: 0, failed },
});

const ids = (seen: Partial<Parameters<typeof concernsOf>[0]>) =>
  concernsOf({ ...calm, ...seen }).map((concern) => concern.id);

describe('what needs attention', () => {
  it('is nothing when all is well', () => {
    expect(ids({ flows: [flow(0)] })).toEqual([]);
  });
  it('names a flow in which visits failed, unless it is archived', () => {
    expect(ids({ flows: [flow(2)] })).toEqual(['flow cart']);
    expect(ids({ flows: [flow(2, 'archived')] })).toEqual([]);
  });
  it('says that the engine stands still before it says that it lags', () => {
    const engine = { ...well.engine, workers: 0, lag_seconds: 99 };
    expect(ids({ health: { ...well, engine } })).toEqual(['engine']);
    expect(ids({ health: { ...well, engine: { ...engine, workers: 1 } } })).toEqual(['lag']);
  });
  it('counts what was set aside, and says when there is more', () => {
    const [concern] = concernsOf({ ...calm, rejected: { count: 50, more: true } });
    expect(concern?.title).toBe('More than 50 messages from sources set aside');
  });
});
