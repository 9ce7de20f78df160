import { describe, expect, it } from 'vitest';
import type { Alert, Health } from '@/api/types';
import { concernsOf } from './attention';

const none = { count: 0, more: false };
const well: Health = {
  status: 'ok',
  database: 'ok',
  engine: { workers: 1, inbox: 0, touched: 0, due: 0, lag_seconds: 0.2 },
  jobs: { waiting: 0, failed: 0 },
};
const calm = { alerts: [], health: well, rejected: none, warnedFields: 0 };
const alert = (part: Partial<Alert> = {}): Alert => ({
  kind: 'failed_visits',
  severity: 'error',
  flow: 'cart',
  node: 'mail',
  count: 3,
  since: '2026-05-01T00:00:00Z',
  title: '3 people failed in Cart',
  detail: 'At the step “Send”.',
  to: '/flows/cart?tab=live&node=mail',
  ...part,
});

const ids = (seen: Partial<Parameters<typeof concernsOf>[0]>) =>
  concernsOf({ ...calm, ...seen }).map((concern) => concern.id);

describe('what needs attention', () => {
  it('is nothing when all is well', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ health: undefined })).toEqual([]);
  });
  it('is what the server says, in its order, each with its place', () => {
    const [first, second] = concernsOf({
      ...calm,
      alerts: [alert(), alert({ kind: 'circuit_open', severity: 'warning', node: null })],
    });
    expect(first).toMatchObject({ tone: 'bad', to: '/flows/cart?tab=live&node=mail' });
    expect(second).toMatchObject({ tone: 'warn', id: 'circuit_open cart 3 people failed in Cart' });
  });
  it('leads nowhere outside of this site', () => {
    const [concern] = concernsOf({ ...calm, alerts: [alert({ to: '//elsewhere.example' })] });
    expect(concern?.to).toBe('/');
  });
  it('says that the engine stands still rather than that it lags', () => {
    const lag = alert({ kind: 'engine_lag', flow: null, node: null, title: 'It lags' });
    const engine = { ...well.engine, workers: 0 };
    expect(ids({ alerts: [lag] })).toEqual(['engine_lag It lags']);
    expect(ids({ alerts: [lag], health: { ...well, engine } })).toEqual(['engine']);
  });
  it('counts what was set aside, and says when there is more', () => {
    const [concern] = concernsOf({ ...calm, rejected: { count: 50, more: true } });
    expect(concern?.title).toBe('More than 50 messages from sources set aside');
    expect(ids({ warnedFields: 2 })).toEqual(['fields']);
  });
});
