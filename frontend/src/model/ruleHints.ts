/**
 * What is still to choose or cannot be right in a rule, found while a person types. Pure.
 *
 * The server checks everything again when a rule is put to use; this is for the screen alone.
 */
import { t } from '@lingui/core/macro';
import {
  type Condition,
  countConditions,
  depthOf,
  type EventCondition,
  eventNames,
  type FieldType,
  isCondition,
  isGroup,
  MAX_CONDITIONS,
  MAX_DEPTH,
  type PropertyCondition,
  type Rule,
  type RuleNames,
  type RuleValue,
} from './rule';
import { durationSeconds } from './ruleDuration';
import { innerRules, type RulePath } from './ruleEdit';
import { impliedType, OPERATORS, operatorWords } from './ruleOperators';
import type { Slot } from './ruleSentence';

export interface Hint {
  path: RulePath;
  detail: string;
  slot?: Slot;
}

export type Said = { detail: string; slot?: Slot };

function valueHint(value: RuleValue | undefined, type: FieldType, op: string): string | null {
  const words = OPERATORS[type].find((each) => each.op === op);
  if (!words) return t`Choose how to compare.`;
  switch (operatorWords(type, words.op).shape) {
    case 'none':
      return null;
    case 'texts':
    case 'numbers':
      return Array.isArray(value) && value.length > 0 ? null : t`Choose at least one value.`;
    case 'range': {
      const [low, high] = Array.isArray(value) ? value : [];
      if (typeof low !== 'number' || typeof high !== 'number') return t`Give both ends.`;
      return low > high ? t`The lower end is above the upper one.` : null;
    }
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? null : t`Give a number.`;
    case 'boolean':
      return typeof value === 'boolean' ? null : t`Choose yes or no.`;
    case 'duration':
      return typeof value === 'string' && durationSeconds(value) ? null : t`Say how long.`;
    case 'instant':
      return typeof value === 'string' && value ? null : t`Choose a date.`;
    case 'text':
      return typeof value === 'string' && value !== '' ? null : t`Give a value.`;
  }
}

function propertyHints(where: readonly PropertyCondition[] | undefined): Said[] {
  return (where ?? []).flatMap((condition, i): Said[] => {
    const slot: Slot = `where.${i}`;
    if (!condition.property) return [{ slot, detail: t`Choose a property.` }];
    const detail = valueHint(condition.value, impliedType(condition), condition.op);
    return detail ? [{ slot, detail }] : [];
  });
}

function eventHints(rule: EventCondition): Said[] {
  const said: Said[] = [];
  if (!eventNames(rule.name).length) said.push({ slot: 'subject', detail: t`Choose an event.` });
  said.push(...propertyHints(rule.where));
  if (rule.measure && rule.measure !== 'count' && !Object.values(rule.measure)[0]) {
    said.push({ slot: 'measure', detail: t`Choose the property to measure.` });
  }
  const { last, older_than: older, from, to } = rule.window ?? {};
  if (last && older && (durationSeconds(last) ?? 0) <= (durationSeconds(older) ?? 0)) {
    said.push({
      slot: 'window',
      detail: t`The window is empty: its far end must lie further back.`,
    });
  }
  if (rule.window && Object.keys(rule.window).length === 0) {
    said.push({ slot: 'window', detail: t`Choose at least one date.` });
  }
  if (from && to && from >= to) {
    said.push({ slot: 'window', detail: t`The window ends before it begins.` });
  }
  for (const follow of [rule.followed_by, rule.not_followed_by]) {
    if (!follow) continue;
    if (!eventNames(follow.name).length) {
      said.push({ slot: 'follow', detail: t`Choose the event that follows.` });
    }
    said.push(
      ...propertyHints(follow.where).map(({ detail }) => ({ detail, slot: 'follow' as const })),
    );
  }
  return said;
}

function chosen(key: string, list: readonly { key: string }[] | undefined, what: string): Said[] {
  if (!key) return [{ slot: 'subject', detail: t`Choose a ${what}.` }];
  if (list?.length && !list.some((each) => each.key === key)) {
    return [{ slot: 'subject', detail: t`There is no ${what} “${key}”.` }];
  }
  return [];
}

/** What is still to choose in one condition, or cannot be right. */
export function conditionHints(rule: Condition, names: RuleNames): Said[] {
  switch (rule.type) {
    case 'field': {
      const missing = chosen(rule.field, names.fields, 'field');
      if (missing.length) return missing;
      const type = names.fields.find((field) => field.key === rule.field)?.type ?? 'string';
      const detail = valueHint(rule.value, type, rule.op);
      return detail ? [{ slot: 'value', detail }] : [];
    }
    case 'event':
      return eventHints(rule);
    case 'segment':
      return chosen(rule.segment, names.segments, 'segment');
    case 'consent':
      return chosen(rule.topic, names.topics, 'topic');
    case 'flow':
      return chosen(rule.flow, names.flows, 'flow');
    case 'flow_email':
      return chosen(rule.node, names.mails, 'step');
    case 'trigger': {
      if (!rule.property) return [{ slot: 'subject', detail: t`Choose a property.` }];
      const detail = valueHint(rule.value, impliedType(rule), rule.op);
      return detail ? [{ slot: 'value', detail }] : [];
    }
    case 'sample': {
      const fits = rule.percent > 0 && rule.percent <= 100;
      const said: Said[] = fits ? [] : [{ slot: 'value', detail: t`Choose 1 to 100 %.` }];
      return rule.salt ? said : [...said, { slot: 'subject', detail: t`Name the sample.` }];
    }
    case 'score_change':
      return Number.isFinite(rule.value) ? [] : [{ slot: 'value', detail: t`Give a number.` }];
    default:
      return [];
  }
}

/** What forbids the rule as a whole: it is too deep or too wide. */
export function sizeFaults(rule: Rule): string[] {
  const said: string[] = [];
  if (countConditions(rule) > MAX_CONDITIONS) {
    said.push(t`A rule may have ${MAX_CONDITIONS} conditions at most.`);
  }
  if (depthOf(rule) > MAX_DEPTH) {
    said.push(t`Groups may nest ${MAX_DEPTH} levels deep at most.`);
  }
  return said;
}

function walk(rule: Rule, path: RulePath, names: RuleNames): Hint[] {
  if (isCondition(rule)) return conditionHints(rule, names).map((said) => ({ ...said, path }));
  if (isGroup(rule) && rule.rules.length === 0) {
    return [{ path, detail: t`Choose at least one condition.` }];
  }
  return innerRules(rule).flatMap((inner, i) => walk(inner, [...path, i], names));
}

/** All hints of a rule, in reading order; empty for a rule that can be put to use. */
export function ruleHints(rule: Rule, names: RuleNames): Hint[] {
  const whole = sizeFaults(rule).map((detail): Hint => ({ path: [], detail }));
  return [...whole, ...walk(rule, [], names)];
}
