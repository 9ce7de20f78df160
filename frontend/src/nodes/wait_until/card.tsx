import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export type Weekday =
  | 'monday'
  | 'tuesday'
  | 'wednesday'
  | 'thursday'
  | 'friday'
  | 'saturday'
  | 'sunday';

export interface Config {
  time?: string;
  between?: [string, string];
  weekdays?: (string | number)[];
  timezone?: string;
}

/** How the server counts weekdays, Monday first. */
export const KEYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The same for people. */
export const WEEKDAYS = [t`Mon`, t`Tue`, t`Wed`, t`Thu`, t`Fri`, t`Sat`, t`Sun`];

const LONG = [t`Monday`, t`Tuesday`, t`Wednesday`, t`Thursday`, t`Friday`, t`Saturday`, t`Sunday`];

/** The place of a weekday in the week, however it is written; -1 if it is none. */
export function weekdayIndex(day: string | number): number {
  if (typeof day === 'number') return day;
  return KEYS.findIndex((key) => day.toLowerCase().startsWith(key));
}

function daysWords(days: (string | number)[] | undefined): string {
  const places = [...new Set((days ?? []).map(weekdayIndex))].sort();
  if (places.length === 0 || places.length === 7) return '';
  if (places.join() === '0,1,2,3,4') return t` on a weekday`;
  if (places.join() === '5,6') return t` at the weekend`;
  return t` on ${places.map((place) => (places.length > 2 ? WEEKDAYS : LONG)[place]).join(', ')}`;
}

export function words(config: Config): CardWords {
  const days = daysWords(config.weekdays);
  const when = config.between
    ? t`it is ${config.between[0]}–${config.between[1]}`
    : (config.time ?? t`a time`);
  return {
    title: t`Wait until ${when}${days}`,
    sub: (config.timezone ?? 'contact') === 'contact' ? t`in the contact’s zone` : config.timezone,
  };
}
