/** Values, instants, windows and counts of a rule in words. Pure. */
import {
  type CompareOperator,
  eventNames,
  type FieldType,
  type RuleValue,
  type Window,
} from './rule';
import { durationWords } from './ruleDuration';
import { compareWords } from './ruleOperators';

export const CALENDAR_WORDS: Record<NonNullable<Window['calendar']>, string> = {
  today: 'today',
  yesterday: 'yesterday',
  this_week: 'this week',
  last_week: 'last week',
  this_month: 'this month',
  last_month: 'last month',
  this_year: 'this year',
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
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
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
  if (op === 'between') return all.length === 2 ? all.join(' and ') : '';
  const shown = all.length > 5 ? [...all.slice(0, 4), `${all.length - 4} more`] : all;
  return joinWords(shown, op === 'contains_all' ? 'and' : 'or');
}

export function joinWords(words: readonly string[], last: string): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`;
}

export function eventWords(name: string | readonly string[]): string {
  const names = eventNames(name);
  if (names.includes('*')) return 'any activity';
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return joinWords(shown, 'or');
}

/** "in the last 30 days"; empty for a window that limits nothing. */
export function windowWords(window: Window | undefined, zone?: string): string {
  if (!window) return '';
  const { last, older_than: older, from, to, calendar, since } = window;
  const words: string[] = [];
  if (last && older) {
    words.push(`between ${durationWords(older)} and ${durationWords(last)} ago`);
  } else if (last) {
    words.push(`in the last ${durationWords(last)}`);
  } else if (older) {
    words.push(`more than ${durationWords(older)} ago`);
  }
  if (from && to) words.push(`from ${instantWords(from, zone)} until ${instantWords(to, zone)}`);
  else if (from) words.push(`since ${instantWords(from, zone)}`);
  else if (to) words.push(`before ${instantWords(to, zone)}`);
  if (calendar) words.push(CALENDAR_WORDS[calendar]);
  if (since) words.push(since === 'entry' ? 'since entering this flow' : 'since arriving here');
  return words.join(', ');
}

export function timesWords(op: CompareOperator | undefined, value: number | undefined): string {
  const n = value ?? 1;
  const compare = op ?? 'gte';
  const times = n === 1 ? 'once' : n === 2 ? 'twice' : `${n.toLocaleString('en-US')} times`;
  if (compare === 'eq') return n === 0 ? 'never' : `exactly ${times}`;
  if (compare === 'ne') return n === 0 ? 'at least once' : `any number of times but ${n}`;
  if (compare === 'lt' && n === 1) return 'never';
  return `${compareWords(compare)} ${times}`;
}
