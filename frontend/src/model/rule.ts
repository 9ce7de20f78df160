/**
 * The rule language in TypeScript: which contacts, as JSON.
 *
 * Pure: types, shapes of a fresh condition, and no React. Types are aliases, not interfaces, so that
 * a rule may be handed on where plain JSON is asked for. Editing at a path is in `ruleEdit.ts`,
 * operators in `ruleOperators.ts`, words in `ruleSentence.ts`, hints in `ruleHints.ts`.
 */

export type FieldType = 'string' | 'number' | 'boolean' | 'datetime' | 'list';
export type Scalar = string | number | boolean;
export type RuleValue = Scalar | Scalar[] | null;

export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'not_in'
  | 'contains'
  | 'not_contains'
  | 'contains_any'
  | 'contains_all'
  | 'starts_with'
  | 'ends_with'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'between'
  | 'before'
  | 'after'
  | 'in_last'
  | 'older_than'
  | 'in_next'
  | 'beyond'
  | 'set'
  | 'not_set';

export type CompareOperator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';

export type Calendar =
  | 'today'
  | 'yesterday'
  | 'this_week'
  | 'last_week'
  | 'this_month'
  | 'last_month'
  | 'this_year';

/** A span of time; absent keys do not limit it. */
export type Window = {
  last?: string;
  older_than?: string;
  from?: string;
  to?: string;
  calendar?: Calendar;
  since?: 'entry' | 'step';
};

export type Measure =
  | 'count'
  | { sum: string }
  | { min: string }
  | { max: string }
  | { avg: string };

export type PropertyCondition = {
  property: string;
  op: Operator;
  value?: RuleValue;
};

export type Follow = {
  name: string | string[];
  where?: PropertyCondition[];
  within?: string;
};

export type AllRule = {
  type: 'all';
  rules: Rule[];
};
export type AnyRule = {
  type: 'any';
  rules: Rule[];
};
export type NotRule = {
  type: 'not';
  rule: Rule;
};
export type EveryoneRule = {
  type: 'everyone';
};
export type FieldCondition = {
  type: 'field';
  field: string;
  op: Operator;
  value?: RuleValue;
  for?: string;
};
export type EventCondition = {
  type: 'event';
  name: string | string[];
  where?: PropertyCondition[];
  window?: Window;
  measure?: Measure;
  op?: CompareOperator;
  value?: number;
  followed_by?: Follow;
  not_followed_by?: Follow;
};
export type SegmentCondition = {
  type: 'segment';
  segment: string;
  op: 'in' | 'not_in';
};
export type ConsentCondition = {
  type: 'consent';
  topic: string;
  op: 'subscribed' | 'unsubscribed' | 'unknown';
};
export type ReachableCondition = {
  type: 'reachable';
  channel: 'email';
};
export type SampleCondition = {
  type: 'sample';
  percent: number;
  salt: string;
};
export type ScoreChangeCondition = {
  type: 'score_change';
  window?: Window;
  op: CompareOperator;
  value: number;
};
export type FlowCondition = {
  type: 'flow';
  flow: string;
  op: 'inside' | 'entered' | 'completed' | 'converted' | 'exited';
  window?: Window;
};
export type TriggerCondition = {
  type: 'trigger';
  property: string;
  op: Operator;
  value?: RuleValue;
};
export type FlowEmailCondition = {
  type: 'flow_email';
  node: string;
  op: 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'replied';
};

export type GroupRule = AllRule | AnyRule;
export type Condition =
  | FieldCondition
  | EventCondition
  | SegmentCondition
  | ConsentCondition
  | ReachableCondition
  | SampleCondition
  | ScoreChangeCondition
  | FlowCondition
  | TriggerCondition
  | FlowEmailCondition
  | EveryoneRule;
export type Rule = GroupRule | NotRule | Condition;
export type ConditionType = Condition['type'];

/** What the words and the builder know about names. Every list may be empty. */
export type RuleNames = {
  fields: readonly { key: string; name: string; type: FieldType }[];
  segments: readonly { key: string; name: string }[];
  topics: readonly { key: string; name: string }[];
  flows: readonly { key: string; name: string }[];
  /** In a flow: the steps that send an e-mail. */
  mails?: readonly { key: string; name: string }[];
  /** The zone instants are said in; without one, the viewer's. */
  zone?: string;
};

export const NO_NAMES: RuleNames = { fields: [], segments: [], topics: [], flows: [] };

export const MAX_DEPTH = 10;
export const MAX_CONDITIONS = 200;

export function isGroup(rule: Rule): rule is GroupRule {
  return rule.type === 'all' || rule.type === 'any';
}

export function isCondition(rule: Rule): rule is Condition {
  return !isGroup(rule) && rule.type !== 'not';
}

/** A rule from outside, made fit for the builder: anything unknown becomes an empty group. */
export function asRule(value: unknown): Rule {
  if (value !== null && typeof value === 'object' && 'type' in value) {
    return value as Rule;
  }
  return emptyGroup();
}

export function emptyGroup(type: 'all' | 'any' = 'all'): GroupRule {
  return { type, rules: [] };
}

/** A fresh condition of a type. What a person must still choose is empty, and `ruleHints` says so. */
export function emptyCondition(type: ConditionType): Condition {
  switch (type) {
    case 'field':
      return { type, field: '', op: 'eq', value: null };
    case 'event':
      return { type, name: '', window: { last: 'P30D' }, measure: 'count', op: 'gte', value: 1 };
    case 'segment':
      return { type, segment: '', op: 'in' };
    case 'consent':
      return { type, topic: '', op: 'subscribed' };
    case 'reachable':
      return { type, channel: 'email' };
    case 'sample':
      return { type, percent: 10, salt: 'sample' };
    case 'score_change':
      return { type, window: { last: 'P30D' }, op: 'gte', value: 10 };
    case 'flow':
      return { type, flow: '', op: 'inside' };
    case 'trigger':
      return { type, property: '', op: 'eq', value: null };
    case 'flow_email':
      return { type, node: '', op: 'clicked' };
    case 'everyone':
      return { type };
  }
}

/** The number of conditions in a rule, groups not counted. */
export function countConditions(rule: Rule): number {
  if (isGroup(rule)) return rule.rules.reduce((sum, inner) => sum + countConditions(inner), 0);
  return rule.type === 'not' ? countConditions(rule.rule) : 1;
}

/** How many groups and `not`s a rule nests, as the server counts them; one condition alone is 0. */
export function depthOf(rule: Rule): number {
  if (isGroup(rule))
    return 1 + rule.rules.reduce((most, inner) => Math.max(most, depthOf(inner)), 0);
  return rule.type === 'not' ? 1 + depthOf(rule.rule) : 0;
}

/** The names of an event condition as a list; an unchosen name is an empty list. */
export function eventNames(name: string | readonly string[]): string[] {
  if (typeof name !== 'string') return [...name];
  return name === '' ? [] : [name];
}
