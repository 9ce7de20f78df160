import { expect, it } from 'vitest';
import { asRule, type Rule } from './rule';
import { ruleFromText, ruleText } from './ruleClipboard';

const rule: Rule = {
  type: 'all',
  rules: [
    { type: 'not', rule: { type: 'segment', segment: 'vip', op: 'in' } },
    { type: 'event', name: ['A', 'B'], window: { last: 'P1DT12H' } },
  ],
};

it('comes back from the clipboard as it was', () => {
  expect(ruleFromText(ruleText(rule))).toEqual(rule);
  expect(ruleFromText(JSON.stringify({ kind: 'dynamic', rule }))).toEqual(rule);
});
it('gives a condition what the builder needs to ask for the rest', () => {
  expect(ruleFromText('{"type":"event"}')).toEqual({ type: 'event', name: '' });
});
it.each([
  'hello',
  '[]',
  '{"type":"nonsense"}',
  '{"type":"all"}',
  '{"type":"all","rules":[{"type":"not"}]}',
  '{"type":"event","name":7}',
  '{"type":"constructor"}',
])('%s is no rule', (text) => {
  expect(ruleFromText(text)).toBeNull();
  expect(asRule(ruleFromText(text)).type).toBe('all');
});
