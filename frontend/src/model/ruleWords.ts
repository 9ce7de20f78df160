/** Values, instants, windows and counts of a rule in words. Pure. */
import { t } from '@lingui/core/macro';
import {
  type CompareOperator,
  eventNames,
  type FieldType,
  type RuleValue,
  type Window,
} from './rule';
import { durationWords } from './ruleDuration';
import { compareWords } from './ruleOperators';

/** The small words that join the parts of a rule: a translator is told where they stand. */
export const JOINTS = {
  is: t({ message: 'is', context: 'rule' }),
  has: t({ message: 'has', context: 'rule' }),
  who: t({ message: 'who', context: 'rule' }),
  whoAre: t`who are`,
  and: t({ message: 'and', context: 'rule' }),
};

/** What a contact has to do with a flow. */
export const FLOW_WORDS = {
  inside: t({ message: 'inside', context: 'rule' }),
  entered: t({ message: 'entered', context: 'rule' }),
  completed: t({ message: 'completed', context: 'rule' }),
  converted: t`converted in`,
  exited: t({ message: 'exited', context: 'rule' }),
};

/** What is reckoned over the events, before "with". */
export const MEASURE_WORDS: Record<string, string> = {
  sum: t`total`,
  min: t`smallest`,
  max: t`largest`,
  avg: t`average`,
};

export const CALENDAR_WORDS: Record<NonNullable<Window['calendar']>, string> = {
  today: t`today`,
  yesterday: t`yesterday`,
  this_week: t`this week`,
  last_week: t`last week`,
  this_month: t`this month`,
  last_month: t`last month`,
  this_year: t`this year`,
};

/** What became of an e-mail that a step sent. */
export const MAIL_WORDS = {
  sent: t({ message: 'sent', context: 'rule' }),
  delivered: t({ message: 'delivered', context: 'rule' }),
  opened: t({ message: 'opened', context: 'rule' }),
  clicked: t({ message: 'clicked', context: 'rule' }),
  bounced: t({ message: 'bounced', context: 'rule' }),
  replied: t({ message: 'replied', context: 'rule' }),
};

/** An instant of a rule as a date; without an offset it is UTC. Null where it is none. */
export function instantOf(instant: string | undefined): Date | null {
  if (!instant) return null;
  const day = /^\d{4}-\d\d-\d\d$/.test(instant);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(instant);
  const date = new Date(day ? `${instant}T00:00:00Z` : zoned ? instant : `${instant}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** "1 May 2026", "1 Jun 2026, 09:30": in the zone, or in the viewer's own. */
export function instantWords(instant: string, zone?: string): string {
  const date = instantOf(instant);
  if (!date) return instant;
  const words = date.toLocaleString('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  return words.replace(/, 00:00$/, '');
}

/** An instant to the second in UTC, for the hover: "2026-05-01 22:00:00 UTC". */
export function exactWords(instant: string): string {
  const date = instantOf(instant);
  return date ? `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC` : instant;
}

export function oneValue(value: unknown, type: FieldType, zone?: string): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
  if (typeof value === 'boolean') return value ? t`yes` : t`no`;
  const text = String(value);
  if (type === 'datetime' && /^\d{4}-/.test(text)) return instantWords(text, zone);
  if (type === 'datetime' && text.startsWith('P')) return durationWords(text);
  return text;
}

/** A value in words: "trial", "10 and 20", "a, b or c". Empty where there is none. */
export function valueWords(
  value: RuleValue | undefined,
  type: FieldType,
  op: string,
  zone?: string,
): string {
  if (!Array.isArray(value)) return oneValue(value, type, zone);
  const all = value.map((each) => oneValue(each, type, zone)).filter(Boolean);
  if (op === 'between') return all.length === 2 ? joinWords(all, 'and') : '';
  const shown = all.length > 5 ? [...all.slice(0, 4), t`${all.length - 4} more`] : all;
  return joinWords(shown, op === 'contains_all' ? 'and' : 'or');
}

export function joinWords(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 2) return words[0] ?? '';
  const before = words.slice(0, -1).join(', ');
  const end = words.at(-1) ?? '';
  return last === 'and' ? t`${before} and ${end}` : t`${before} or ${end}`;
}

export function eventWords(name: string | readonly string[]): string {
  const names = eventNames(name);
  if (names.includes('*')) return t`any activity`;
  const shown = names.length > 4 ? [...names.slice(0, 3), t`${names.length - 3} more`] : names;
  return joinWords(shown, 'or');
}

/** "in the last 30 days"; empty for a window that limits nothing. */
export function windowWords(window: Window | undefined, zone?: string): string {
  if (!window) return '';
  const { last, older_than: older, from, to, calendar, since } = window;
  const words: string[] = [];
  if (last && older) {
    words.push(t`between ${durationWords(older)} and ${durationWords(last)} ago`);
  } else if (last) {
    words.push(t`in the last ${durationWords(last)}`);
  } else if (older) {
    words.push(t`more than ${durationWords(older)} ago`);
  }
  if (from && to) words.push(t`from ${instantWords(from, zone)} until ${instantWords(to, zone)}`);
  else if (from) words.push(t`since ${instantWords(from, zone)}`);
  else if (to) words.push(t`before ${instantWords(to, zone)}`);
  if (calendar) words.push(CALENDAR_WORDS[calendar]);
  if (since) words.push(since === 'entry' ? t`since entering this flow` : t`since arriving here`);
  return words.join(', ');
}

/** Whether a count of events means that there is none. */
export const isNever = (op: CompareOperator = 'gte', n = 1): boolean =>
  (op === 'eq' && n === 0) || (op === 'lt' && n === 1);

/** Whether a count of events means that there is any. */
export const isAny = (op: CompareOperator = 'gte', n = 1): boolean =>
  (op === 'gte' && n === 1) || (op === 'ne' && n === 0);

export function timesWords(op: CompareOperator | undefined, value: number | undefined): string {
  const n = value ?? 1;
  if (isNever(op, n)) return t`never`;
  if (isAny(op, n)) return t`at least once`;
  if (op === 'ne') return t`any number of times but ${n}`;
  const times = n === 1 ? t`once` : n === 2 ? t`twice` : t`${n.toLocaleString('en-US')} times`;
  return t`${compareWords(op)} ${times}`;
}
