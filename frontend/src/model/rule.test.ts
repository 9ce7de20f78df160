import { describe, expect, it } from 'vitest';
import {
  countConditions,
  depthOf,
  emptyCondition,
  emptyGroup,
  NO_NAMES,
  type Rule,
  type RuleNames,
} from './rule';
import {
  differsAt,
  duplicateAt,
  insertAt,
  removeAt,
  replaceAt,
  ruleAt,
  splitServerPath,
  unwrapAt,
  wrapAt,
} from './ruleEdit';
import { ruleHints } from './ruleHints';
import { fittingValue, impliedType, withOperator, withType } from './ruleOperators';
import { conditionParts, partsText, sentenceParts } from './ruleSentence';
import { windowWords } from './ruleWords';

const reachable: Rule = { type: 'reachable', channel: 'email' };
const vip: Rule = { type: 'segment', segment: 'vip', op: 'in' };
const trial: Rule = { type: 'field', field: 'plan', op: 'eq', value: 'trial' };
const root: Rule = { type: 'all', rules: [reachable, { type: 'any', rules: [vip, trial] }] };
const names: RuleNames = {
  ...NO_NAMES,
  fields: [
    { key: 'plan', name: 'Plan', type: 'string' },
    { key: 'trial_ends_at', name: 'Trial ends at', type: 'datetime' },
  ],
  segments: [{ key: 'vip', name: 'VIP' }],
  zone: 'UTC',
};

describe('editing at a path', () => {
  it('finds, replaces and leaves the old rule alone', () => {
    const before = JSON.stringify(root);
    const next = replaceAt(root, [1, 0], reachable);
    expect(ruleAt(next, [1, 0])).toEqual(reachable);
    expect(JSON.stringify(root)).toBe(before);
  });
  it('changes nothing on a path that leads nowhere', () => {
    expect(replaceAt(root, [7, 0], vip)).toEqual(root);
    expect(ruleAt(root, [0, 0, 3])).toBeUndefined();
  });
  it('inserts into a group, and wraps a lone condition to make room', () => {
    expect(ruleAt(insertAt(root, [1], reachable, 0), [1, 0])).toEqual(reachable);
    expect(insertAt(vip, [], trial)).toEqual({ type: 'all', rules: [vip, trial] });
  });
  it('removes; a not goes with what it held, and an empty root selects nobody', () => {
    expect(ruleAt(removeAt(root, [1, 0]), [1, 0])).toEqual(trial);
    const negated: Rule = { type: 'all', rules: [{ type: 'not', rule: vip }, trial] };
    expect(removeAt(negated, [0, 0])).toEqual({ type: 'all', rules: [trial] });
    expect(removeAt(vip, [])).toEqual({ type: 'all', rules: [] });
  });
  it('wraps and unwraps back to the same rule', () => {
    for (const kind of ['all', 'any', 'not'] as const) {
      expect(unwrapAt(wrapAt(root, [0], kind), [0])).toEqual(root);
    }
    expect(unwrapAt(root, [1])).toEqual({ type: 'all', rules: [reachable, vip, trial] });
  });
  it('duplicates beside the original', () => {
    expect(countConditions(duplicateAt(root, [1]))).toBe(5);
  });
  it('finds where two rules differ', () => {
    expect(differsAt(root, replaceAt(root, [1, 0], reachable))).toEqual([1, 0]);
    expect(differsAt(root, removeAt(root, [1, 1]))).toEqual([1, 0]);
    expect(differsAt(root, insertAt(root, [], vip))).toEqual([2]);
    expect(differsAt(root, emptyGroup())).toEqual([]);
  });
  it("reads the server's paths, with not", () => {
    expect(splitServerPath('rules.0.rule.value')).toEqual({ path: [0, 0], rest: 'value' });
    expect(splitServerPath('rule.rules[1].where.0.op')).toEqual({ path: [1], rest: 'where.0.op' });
    expect(splitServerPath('')).toEqual({ path: [], rest: '' });
  });
  it('counts conditions and depth', () => {
    expect([countConditions(root), depthOf(root)]).toEqual([3, 2]);
    expect(depthOf(emptyGroup())).toBe(1);
  });
});

describe('operators', () => {
  it('keep a value that still fits and replace one that does not', () => {
    expect(
      withOperator({ type: 'field', field: 'plan', op: 'eq', value: 'a' }, 'string', 'in'),
    ).toEqual({ type: 'field', field: 'plan', op: 'in', value: ['a'] });
    expect(
      withOperator({ type: 'field', field: 'plan', op: 'eq', value: 'a' }, 'string', 'set'),
    ).not.toHaveProperty('value');
    expect(withType({ type: 'field', field: 't', op: 'eq', value: 'a' }, 'datetime')).toEqual({
      type: 'field',
      field: 't',
      op: 'in_last',
      value: 'P7D',
    });
    expect(fittingValue('range', 5)).toEqual([5, 5]);
  });
  it("guess a property's type from what was chosen", () => {
    expect(impliedType({ op: 'gte', value: 3 })).toBe('number');
    expect(impliedType({ op: 'eq', value: true })).toBe('boolean');
    expect(impliedType({ op: 'in_last', value: 'P1D' })).toBe('datetime');
  });
});

describe('hints', () => {
  it('ask for what is missing, at its place', () => {
    const rule: Rule = { type: 'all', rules: [emptyCondition('field'), emptyCondition('event')] };
    expect(ruleHints(rule, names)).toEqual([
      { path: [0], slot: 'subject', detail: 'Choose a field.' },
      { path: [1], slot: 'subject', detail: 'Choose an event.' },
    ]);
  });
  it('refuse the empty group, so that nothing never means everybody', () => {
    expect(ruleHints(emptyGroup(), names)[0]?.detail).toBe('Choose at least one condition.');
  });
  it('see upside-down ranges, empty windows and unknown names', () => {
    const details = (rule: Rule) => ruleHints(rule, names).map((hint) => hint.detail);
    expect(details({ type: 'segment', segment: 'gone', op: 'in' })).toEqual([
      'There is no segment “gone”.',
    ]);
    expect(
      details({ type: 'event', name: 'A', window: { last: 'PT1H', older_than: 'P1D' } })[0],
    ).toMatch(/window is empty/);
    expect(
      details({
        type: 'event',
        name: 'A',
        where: [{ property: 'n', op: 'between', value: [9, 1] }],
      })[0],
    ).toMatch(/lower end/);
  });
  it('refuse what is too deep', () => {
    let deep: Rule = vip;
    for (let i = 0; i < 11; i += 1) deep = { type: 'not', rule: deep };
    expect(ruleHints(deep, names)[0]?.detail).toMatch(/10 levels/);
  });
});

describe('words', () => {
  const row = (rule: Parameters<typeof conditionParts>[0]) =>
    partsText(conditionParts(rule, names));
  it('read a condition as a row', () => {
    expect(
      row({
        type: 'event',
        name: 'Product Added',
        window: { last: 'P3D', older_than: 'PT1H' },
        not_followed_by: { name: 'Order Completed' },
      }),
    ).toBe(
      'did Product Added at least once between 1 hour and 3 days ago not followed by Order Completed',
    );
    expect(
      row({ type: 'event', name: 'Login', op: 'eq', value: 0, window: { last: 'P30D' } }),
    ).toBe('did not do Login in the last 30 days');
    expect(
      row({ type: 'event', name: ['A', 'B'], measure: { sum: 'total' }, op: 'gte', value: 500 }),
    ).toBe('did A or B with total total at least 500');
    expect(row({ type: 'field', field: 'trial_ends_at', op: 'older_than', value: 'P30D' })).toBe(
      'Trial ends at is more than 30 days ago',
    );
    expect(row({ type: 'segment', segment: 'vip', op: 'not_in' })).toBe('is not in segment VIP');
    expect(row({ type: 'flow', flow: 'x', op: 'converted' })).toBe('has converted in flow x');
  });
  it('ask for the dates of a window that has none yet', () => {
    const parts = conditionParts({ type: 'event', name: 'Login', window: {} }, names);
    expect(parts.at(-1)).toMatchObject({ slot: 'window', missing: true });
  });
  it('read the rule as one sentence', () => {
    expect(partsText(sentenceParts(root, names))).toBe(
      'People whom e-mail can reach, and either who are in VIP or whose Plan is trial.',
    );
    expect(partsText(sentenceParts({ type: 'everyone' }, names))).toBe('Everyone.');
    expect(partsText(sentenceParts({ type: 'not', rule: vip }, names))).toBe(
      'Everyone but people who are in VIP.',
    );
    expect(partsText(sentenceParts(emptyGroup(), names))).toMatch(/^Nobody yet/);
  });
  it('turn a negated condition round', () => {
    const not = (rule: Rule): Rule => ({ type: 'not', rule });
    const did: Rule = { type: 'event', name: 'Login', window: { last: 'P7D' } };
    expect(partsText(sentenceParts({ type: 'all', rules: [not(did), not(vip)] }, names))).toBe(
      'People who did not do Login in the last 7 days, and who are not in VIP.',
    );
    const never: Rule = { type: 'event', name: 'Login', op: 'eq', value: 0 };
    expect(partsText(sentenceParts({ type: 'all', rules: [not(never), vip] }, names))).toBe(
      'People who did Login, and who are in VIP.',
    );
    expect(partsText(sentenceParts({ type: 'any', rules: [reachable, not(trial)] }, names))).toBe(
      'People whom e-mail can reach, or for whom it is not true that Plan is trial.',
    );
  });
  it('say every window', () => {
    expect(windowWords({ from: '2026-05-01T00:00:00Z' }, 'UTC')).toBe('since 1 May 2026');
    expect(windowWords({ from: '2026-05-01', to: '2026-06-01T09:30:00Z' }, 'UTC')).toBe(
      'from 1 May 2026 until 1 Jun 2026, 09:30',
    );
    expect(windowWords({ from: '2026-05-01T22:00:00Z' }, 'Europe/Berlin')).toBe('since 2 May 2026');
    expect(windowWords({ calendar: 'last_month' })).toBe('last month');
    expect(windowWords({ since: 'entry', last: 'P1D' })).toBe(
      'in the last 1 day, since entering this flow',
    );
    expect(windowWords({})).toBe('');
  });
});
