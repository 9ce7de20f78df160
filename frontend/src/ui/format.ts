/** Numbers, instants and spans of time as people read them. No React. */
import { plural, t } from '@lingui/core/macro';

const numbers = new Intl.NumberFormat('en-GB');
const exact = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'long',
});
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const weekdayClock = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

export const number = (value: number): string => numbers.format(value);

/** "27.4 %", and "–" where there is nothing to divide by. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const value = (100 * part) / whole;
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)} %`;
}

/** A text as a sentence: begins with a capital, ends with a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const ended = /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

export const exactInstant = (iso: string): string => exact.format(new Date(iso));
export const shortInstant = (iso: string): string => dayAndTime.format(new Date(iso));

/** A coming instant, as short as it can be said: "14:32:08", "Mon 07:00", "3 Jan, 07:00". */
export function dueInstant(iso: string, now: number): string {
  const at = new Date(iso);
  const ahead = at.getTime() - now;
  if (ahead < 18 * 3_600_000 && at.getDate() === new Date(now).getDate()) return clock.format(at);
  if (ahead < 6 * 86_400_000) return weekdayClock.format(at);
  return dayAndTime.format(at);
}

const UNITS: [seconds: number, short: string, long: (count: number) => string][] = [
  [86_400, 'd', (count) => plural(count, { one: '# day', other: '# days' })],
  [3_600, 'h', (count) => plural(count, { one: '# hour', other: '# hours' })],
  [60, 'min', (count) => plural(count, { one: '# minute', other: '# minutes' })],
  [1, 's', (count) => plural(count, { one: '# second', other: '# seconds' })],
];

/** A span in its largest unit that fits: "41 s", "2 min", "3 h", "5 d". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  for (const [size, short] of UNITS) {
    if (whole >= size) return `${Math.floor(whole / size)} ${short}`;
  }
  return '0 s';
}

/** A span in words, for a sentence: "41 seconds", "1 hour". */
export function spanInWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  for (const [size, , long] of UNITS) {
    if (whole >= size) return long(Math.floor(whole / size));
  }
  return t`a moment`;
}

/** How long ago or how soon: "just now", "2 min ago", "in 41 s". */
export function relative(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(seconds) < 5) return seconds > 0 ? t`now` : t`just now`;
  return seconds > 0 ? t`in ${span(seconds)}` : t`${span(-seconds)} ago`;
}

/** Two letters for a person's round picture. */
export function initials(name: string): string {
  const words = name
    .replace(/@.*/, '')
    .split(/[\s._-]+/)
    .filter(Boolean);
  const letters =
    words.length > 1 ? [words[0]?.[0], words.at(-1)?.[0]] : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toUpperCase();
}

/** A slug from a name, as keys are: "Abandon cart" → "abandon-cart". */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}
