import { describe, expect, it } from 'vitest';
import type { CallRow } from '@/api/types';
import { answerWords, readable, requestLine } from './calls';

const call = (part: Partial<CallRow>): CallRow => ({
  id: 1,
  contact: { id: 1, external_id: null, email: null, name: 'Ada' },
  flow: 'crm',
  node: 'call',
  visit_id: 1,
  host: 'crm.example',
  reason: '',
  idempotency_key: 'k',
  kind: 'webhook',
  request: { method: 'PUT', url: 'https://crm.example/leads' },
  status: 'done',
  tries: 1,
  next_try_at: '2026-05-01T00:00:00Z',
  answer: { code: 200 },
  created_at: '2026-05-01T00:00:00Z',
  finished_at: null,
  ...part,
});

describe('a call', () => {
  it('says what came back and how often it was tried', () => {
    expect(answerWords(call({}))).toBe('200');
    expect(answerWords(call({ status: 'failed', tries: 3, answer: { code: 503 } }))).toBe(
      '503, 3 tries',
    );
    expect(answerWords(call({ answer: { code: null, error: 'timed out' } }))).toBe('timed out');
    expect(answerWords(call({ status: 'queued', tries: 0, answer: {} }))).toBe('not tried yet');
  });
  it('names its request', () => {
    expect(requestLine(call({}))).toBe('PUT https://crm.example/leads');
    expect(requestLine(call({ kind: 'slack', request: { text: 'x' } }))).toBe('A message to Slack');
  });
  it('sets JSON out, and leaves other text as it is', () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(readable('not json')).toBe('not json');
    expect(readable(null)).toBe('');
  });
});
