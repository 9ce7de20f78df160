/**
 * A rule in plain words, as parts: text, and what is set in bold or offered as a chip.
 *
 * One source for both readings: a row of the builder ("did *Product Added* at least once") and the
 * sentence above it ("People who did *Product Added* at least once, and whose *plan* is *trial*").
 * Pure: no React, and the same words for the same rule.
 */
import { t } from '@lingui/core/macro';
import {
  type Condition,
  type EventCondition,
  type FieldCondition,
  type FieldType,
  type Follow,
  isCondition,
  isGroup,
  type Measure,
  type PropertyCondition,
  type Rule,
  type RuleNames,
  type RuleValue,
  type TriggerCondition,
  type Window,
} from './rule';
import { durationWords } from './ruleDuration';
import { type Compared, compareWords, impliedType, operatorWords } from './ruleOperators';
import {
  eventWords,
  exactWords,
  FLOW_WORDS,
  isAny,
  isNever,
  JOINTS,
  MAIL_WORDS,
  MEASURE_WORDS,
  oneValue,
  timesWords,
  valueWords,
  windowWords,
} from './ruleWords';

/** Which editor a part of a condition opens. */
export type Slot =
  | 'subject'
  | 'operator'
  | 'value'
  | 'measure'
  | 'window'
  | 'follow'
  | 'for'
  | `where.${number}`;

export interface Part {
  text: string;
  /** Set in bold in the sentence, and a chip in the builder. */
  strong?: boolean;
  /** A word between chips that can be changed too, drawn more quietly. */
  quiet?: boolean;
  /** A value that a person typed or chose: drawn on the accent's ground. */
  value?: boolean;
  /** Not chosen yet: the text asks for it. */
  missing?: boolean;
  slot?: Slot;
  /** Shown on hover: the exact instant of a date. */
  title?: string;
}

const say = (text: string): Part => ({ text });

function chip(slot: Slot, text: string, ask: string): Part {
  return text === ''
    ? { text: ask, strong: true, missing: true, slot }
    : { text, strong: true, slot };
}

function measureOf(measure: Measure | undefined): { kind: string; property: string } {
  if (!measure || measure === 'count') return { kind: 'count', property: '' };
  const [entry] = Object.entries(measure);
  return { kind: entry?.[0] ?? 'count', property: entry?.[1] ?? '' };
}

/** What an instant in a value is exactly, for the hover. */
function instantTitle(type: FieldType, value: RuleValue | undefined): string | undefined {
  const isInstant = type === 'datetime' && typeof value === 'string' && /^\d{4}-/.test(value);
  return isInstant ? exactWords(value) : undefined;
}

/** How something is compared, and with what: "is *trial*", "is more than *30 days* ago". */
function comparedParts(
  condition: Compared,
  type: FieldType,
  slots: { operator: Slot; value: Slot },
  zone: string | undefined,
): Part[] {
  const words = operatorWords(type, condition.op);
  const parts: Part[] = [{ text: words.label, quiet: true, slot: slots.operator }];
  if (words.shape !== 'none') {
    const value = valueWords(condition.value, type, condition.op, zone);
    const title = instantTitle(type, condition.value);
    parts.push({ ...chip(slots.value, value, t`which value`), value: value !== '', title });
  }
  if (words.suffix) parts.push(say(words.suffix));
  return parts;
}

function whereParts(
  where: readonly PropertyCondition[] | undefined,
  zone: string | undefined,
  whole?: Slot,
): Part[] {
  return (where ?? []).flatMap((condition, i) => {
    const slot = whole ?? (`where.${i}` as const);
    return [
      say(i === 0 ? t({ message: 'where', context: 'rule' }) : JOINTS.and),
      chip(slot, condition.property, t`which property`),
      ...comparedParts(condition, impliedType(condition), { operator: slot, value: slot }, zone),
    ];
  });
}

function followParts(follow: Follow, not: boolean, zone: string | undefined): Part[] {
  const parts: Part[] = [
    { text: not ? t`not followed by` : t`followed by`, quiet: true, slot: 'follow' },
    chip('follow', eventWords(follow.name), t`which event`),
    ...whereParts(follow.where, zone, 'follow'),
  ];
  if (follow.within) {
    parts.push(
      say(t({ message: 'within', context: 'rule' })),
      chip('follow', durationWords(follow.within), t`how long`),
    );
  }
  return parts;
}

const AMOUNT = /\d+ (?:second|minute|hour|day|week)s?(?: \d+ (?:second|minute|hour|day|week)s?)*/g;

/** A window: one chip in a row; in the sentence only its amounts are strong. */
function windowParts(
  window: Window | undefined,
  voice: 'row' | 'sentence',
  zone: string | undefined,
): Part[] {
  const words = windowWords(window, zone);
  if (!words) return window ? [chip('window', '', t`which dates`)] : [];
  const amounts = words.match(AMOUNT);
  if (voice === 'row' || !amounts) {
    const ends = [window?.from, window?.to].flatMap((end) => (end ? exactWords(end) : []));
    const title = ends.length > 0 ? ends.join(' – ') : undefined;
    return [{ text: words, strong: true, slot: 'window', title }];
  }
  return words.split(AMOUNT).flatMap((plain, i) => {
    const amount = amounts[i];
    return [
      ...(plain.trim() ? [say(plain.trim())] : []),
      ...(amount ? [{ text: amount, strong: true, slot: 'window' } satisfies Part] : []),
    ];
  });
}

function eventParts(
  rule: EventCondition,
  voice: 'row' | 'sentence',
  zone: string | undefined,
): Part[] {
  const { kind, property } = measureOf(rule.measure);
  const name = chip('subject', eventWords(rule.name), t`which event`);
  const never = kind === 'count' && isNever(rule.op, rule.value);
  const parts: Part[] = never
    ? [{ text: t`did not do`, quiet: true, slot: 'measure' }, name]
    : [say(t({ message: 'did', context: 'rule' })), name];
  const plain = isAny(rule.op, rule.value) && voice === 'sentence';
  if (kind === 'count' && !never && !plain) {
    parts.push({ text: timesWords(rule.op, rule.value), quiet: true, slot: 'measure' });
  }
  parts.push(...whereParts(rule.where, zone));
  if (kind !== 'count') {
    parts.push(
      { text: t`with ${MEASURE_WORDS[kind] ?? kind}`, quiet: true, slot: 'measure' },
      chip('measure', property, t`which property`),
      { text: compareWords(rule.op), quiet: true, slot: 'measure' },
      { ...chip('measure', oneValue(rule.value ?? 1, 'number'), t`how much`), value: true },
    );
  }
  parts.push(...windowParts(rule.window, voice, zone));
  if (rule.followed_by) parts.push(...followParts(rule.followed_by, false, zone));
  if (rule.not_followed_by) parts.push(...followParts(rule.not_followed_by, true, zone));
  return parts;
}

const nameIn = (list: readonly { key: string; name: string }[], key: string): string =>
  list.find((each) => each.key === key)?.name || key;

function fieldParts(rule: FieldCondition, names: RuleNames): Part[] {
  const known = names.fields.find((field) => field.key === rule.field);
  const type = known?.type ?? impliedType(rule);
  const parts: Part[] = [
    chip('subject', known?.name ?? rule.field, t`which field`),
    ...comparedParts(rule, type, { operator: 'operator', value: 'value' }, names.zone),
  ];
  if (rule.for) {
    parts.push(say(t`for at least`), chip('for', durationWords(rule.for), t`how long`));
  }
  return parts;
}

function triggerParts(rule: TriggerCondition, names: RuleNames): Part[] {
  return [
    say(t`the trigger’s`),
    chip('subject', rule.property, t`which property`),
    ...comparedParts(rule, impliedType(rule), { operator: 'operator', value: 'value' }, names.zone),
  ];
}

/** How a condition begins in the sentence, after "People": "who did", "whose plan". */
function opening(rule: Condition): string {
  switch (rule.type) {
    case 'field':
    case 'score_change':
      return t({ message: 'whose', context: 'rule' });
    case 'segment':
    case 'sample':
      return JOINTS.whoAre;
    case 'flow':
      return rule.op === 'inside' ? JOINTS.whoAre : JOINTS.who;
    case 'consent':
      return rule.op === 'unknown' ? JOINTS.who : JOINTS.whoAre;
    case 'trigger':
      return t`for whom`;
    case 'flow_email':
      return t`whose e-mail from`;
    case 'reachable':
      return t({ message: 'whom', context: 'rule' });
    default:
      return JOINTS.who;
  }
}

/** The parts of one condition as a row of the builder; `voice` "sentence" leaves the row's verb out. */
export function conditionParts(
  rule: Condition,
  names: RuleNames,
  voice: 'row' | 'sentence' = 'row',
): Part[] {
  const row = voice === 'row';
  const pick = (text: string): Part[] => (row ? [say(text)] : []);
  switch (rule.type) {
    case 'everyone':
      return [row ? say(t({ message: 'everyone', context: 'rule' })) : say(t`are anyone at all`)];
    case 'field':
      return fieldParts(rule, names);
    case 'event':
      return eventParts(rule, voice, names.zone);
    case 'trigger':
      return triggerParts(rule, names);
    case 'segment': {
      const within = rule.op === 'in';
      const word = row
        ? within
          ? t`in segment`
          : t`not in segment`
        : within
          ? t({ message: 'in', context: 'rule' })
          : t`not in`;
      return [
        ...pick(JOINTS.is),
        { text: word, quiet: true, slot: 'operator' },
        chip('subject', nameIn(names.segments, rule.segment), t`which segment`),
      ];
    }
    case 'consent':
      return consentParts(rule.op, nameIn(names.topics, rule.topic), row);
    case 'reachable':
      return row
        ? [say(t`E-mail`), { text: t({ message: 'reachable', context: 'rule' }), strong: true }]
        : [say(t({ message: 'e-mail', context: 'rule' })), { text: t`can reach`, strong: true }];
    case 'sample':
      return [
        ...pick(JOINTS.is),
        say(t`in the fixed`),
        { text: `${oneValue(rule.percent, 'number') || '0'} %`, strong: true, slot: 'value' },
        say(t({ message: 'sample', context: 'rule' })),
        chip('subject', rule.salt, t`which name`),
      ];
    case 'score_change': {
      const amount = oneValue(rule.value, 'number') || '0';
      return [
        say(t`score changed by`),
        { text: compareWords(rule.op), quiet: true, slot: 'value' },
        { text: amount, strong: true, value: true, slot: 'value' },
        ...windowParts(rule.window, voice, names.zone),
      ];
    }
    case 'flow': {
      return [
        ...(row ? [say(rule.op === 'inside' ? JOINTS.is : JOINTS.has)] : []),
        { text: FLOW_WORDS[rule.op], quiet: true, slot: 'operator' },
        say(t({ message: 'flow', context: 'rule' })),
        chip('subject', nameIn(names.flows, rule.flow), t`which flow`),
        ...windowParts(rule.window, voice, names.zone),
      ];
    }
    case 'flow_email':
      return [
        ...pick(t`e-mail of`),
        chip('subject', nameIn(names.mails ?? [], rule.node), t`which step`),
        say(t({ message: 'was', context: 'rule' })),
        { text: MAIL_WORDS[rule.op], strong: true, slot: 'operator' },
      ];
  }
}

function consentParts(op: string, topic: string, row: boolean): Part[] {
  const subject = chip('subject', topic, t`which topic`);
  if (op === 'unknown') {
    return [
      say(row ? JOINTS.has : t({ message: 'have', context: 'rule' })),
      { text: t`not chosen`, quiet: true, slot: 'operator' },
      say(t({ message: 'about', context: 'rule' })),
      subject,
    ];
  }
  const word = op === 'subscribed' ? t`subscribed to` : t`unsubscribed from`;
  return [...(row ? [say(JOINTS.is)] : []), { text: word, quiet: true, slot: 'operator' }, subject];
}

function innerSentence(rule: Rule, names: RuleNames, depth: number): Part[] {
  if (isGroup(rule)) {
    const inner = rule.rules.map((each) => innerSentence(each, names, depth + 1));
    const [first] = inner;
    if (!first) return [{ text: t`who … (choose a condition)`, missing: true }];
    if (inner.length === 1) return first;
    const word = rule.type === 'all' ? JOINTS.and : t({ message: 'or', context: 'rule' });
    const either = rule.type === 'any' && inner.length === 2 && depth > 0 && depth < 2;
    const nested = depth > 0;
    const parts: Part[] = [];
    if (nested)
      parts.push(
        say(
          either
            ? t({ message: 'either', context: 'rule' })
            : depth > 1 || rule.type === 'all'
              ? '('
              : '',
        ),
      );
    for (const [i, each] of inner.entries()) {
      if (i > 0) parts.push(say(nested ? word : `, ${word}`));
      parts.push(...each);
    }
    if (nested && !either && (depth > 1 || rule.type === 'all')) parts.push(say(')'));
    return parts.filter((part) => part.text !== '');
  }
  if (rule.type === 'not') return negatedSentence(rule.rule, names, depth);
  return [say(opening(rule)), ...conditionParts(rule, names, 'sentence')];
}

/** A negated rule after "People": by its own words where they turn round, else at length. */
function negatedSentence(rule: Rule, names: RuleNames, depth: number): Part[] {
  if (rule.type === 'segment') {
    const op = rule.op === 'in' ? 'not_in' : 'in';
    return innerSentence({ ...rule, op }, names, depth);
  }
  if (rule.type === 'reachable') {
    return [say(t`whom e-mail`), { text: t`cannot reach`, strong: true }];
  }
  const counts = rule.type === 'event' && (rule.measure ?? 'count') === 'count';
  if (counts && isNever(rule.op, rule.value)) {
    return innerSentence({ ...rule, op: 'gte', value: 1 }, names, depth);
  }
  if (counts) {
    const parts = conditionParts(rule, names, 'sentence').slice(1);
    return [say(JOINTS.who), { text: t`did not do`, strong: true }, ...parts];
  }
  const inner = isCondition(rule)
    ? conditionParts(rule, names, 'row')
    : [say('('), say(t`they are people`), ...innerSentence(rule, names, depth + 1), say(')')];
  return [say(t`for whom it is not true that`), ...inner];
}

/** The whole rule as one sentence in parts: "People who …". */
export function sentenceParts(rule: Rule, names: RuleNames): Part[] {
  if (rule.type === 'everyone') return [{ text: t`Everyone`, strong: true }, say('.')];
  if (isGroup(rule) && rule.rules.length === 0) {
    return [say(t`Nobody yet: choose at least one condition.`)];
  }
  const start =
    rule.type === 'not'
      ? [say(t`Everyone but people`), ...innerSentence(rule.rule, names, 1)]
      : [say(t({ message: 'People', context: 'rule' })), ...innerSentence(rule, names, 0)];
  return [...start, say('.')];
}

const TIGHT_BEFORE = /^[,.)]/;

/** Whether a space belongs between a part and the next one. */
export function spaceBetween(before: Part, after: Part): boolean {
  return !TIGHT_BEFORE.test(after.text) && before.text !== '(';
}

/** The parts as one string, for screen readers, titles and tests. */
export function partsText(parts: readonly Part[]): string {
  return parts.reduce((text, part, i) => {
    const before = parts[i - 1];
    return text + (before && spaceBetween(before, part) ? ' ' : '') + part.text;
  }, '');
}
