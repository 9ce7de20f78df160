import { expect, it } from 'vitest';
import type { Condition, Rule } from './rule';
import { faultsByPath, slotOfKey } from './ruleFaults';

const event: Condition = {
  type: 'event',
  name: 'A',
  where: [{ property: 'total', op: 'gt', value: 1 }],
  not_followed_by: { name: 'B' },
};
const field: Condition = { type: 'field', field: 'plan', op: 'eq', value: 'x' };
const root: Rule = { type: 'all', rules: [event, { type: 'not', rule: field }] };

it.each([
  [event, 'name', 'subject'],
  [event, 'where.0.value', 'where.0'],
  [event, 'where.7', undefined],
  [event, 'window.last', 'window'],
  [event, 'measure.sum', 'measure'],
  [event, 'value', 'measure'],
  [event, 'not_followed_by.where.0.op', 'follow'],
  [field, 'field', 'subject'],
  [field, 'op', 'operator'],
  [field, 'value.1', 'value'],
  [field, 'for', 'for'],
  [field, '', undefined],
] as const)('of %o, %s is edited in %s', (rule, rest, slot) => {
  expect(slotOfKey(rule, rest)).toBe(slot);
});
it('puts each fault at its place', () => {
  const faults = faultsByPath(
    root,
    [
      { path: 'rule.rules.0.where.0.value', detail: 'a number is needed' },
      { path: 'rule.rules.1.rule.value', detail: 'text is needed' },
      { path: 'rule', detail: 'too wide' },
    ],
    false,
  );
  expect(Object.fromEntries(faults)).toEqual({
    '0': [{ detail: 'a number is needed', slot: 'where.0' }],
    '1.0': [{ detail: 'text is needed', slot: 'value' }],
    root: [{ detail: 'too wide' }],
  });
});
it('says what is wrong with something gone at what held it', () => {
  const faults = faultsByPath(root, [{ path: 'rules.5.value', detail: 'no' }], false);
  expect([...faults.keys()]).toEqual(['root']);
});
it('knows that the builder drew a group around a lone condition', () => {
  const wrapped: Rule = { type: 'all', rules: [field] };
  const faults = faultsByPath(wrapped, [{ path: 'rule.value', detail: 'no' }], true);
  expect(Object.fromEntries(faults)).toEqual({ '0': [{ detail: 'no', slot: 'value' }] });
});
