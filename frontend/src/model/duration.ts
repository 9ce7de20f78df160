/** ISO 8601 durations of fixed length (weeks, days, hours, minutes, seconds) and their words. */
import { plural } from '@lingui/core/macro';

export type DurationUnit = 'week' | 'day' | 'hour' | 'minute' | 'second';

export interface Amount {
  amount: number;
  unit: DurationUnit;
}

const SECONDS: Record<DurationUnit, number> = {
  week: 604_800,
  day: 86_400,
  hour: 3_600,
  minute: 60,
  second: 1,
};

const PATTERN = /^(-)?P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Seconds of a duration text, negative for an offset before; null if it is none. */
export function seconds(iso: string | null | undefined): number | null {
  const found = iso ? PATTERN.exec(iso) : null;
  if (!found) return null;
  const [, sign, weeks, days, hours, minutes, rest] = found;
  const sum =
    Number(weeks ?? 0) * SECONDS.week +
    Number(days ?? 0) * SECONDS.day +
    Number(hours ?? 0) * SECONDS.hour +
    Number(minutes ?? 0) * SECONDS.minute +
    Number(rest ?? 0);
  return sign ? -sum : sum;
}

/** The duration as one number of its largest unit that leaves nothing over. */
export function amountOf(iso: string | null | undefined): Amount | null {
  const total = seconds(iso);
  if (total === null) return null;
  if (total === 0) return { amount: 0, unit: 'day' };
  // "7 days" is said more often than "1 week": weeks only where they were written as weeks.
  const units: DurationUnit[] = iso?.includes('W')
    ? ['week', 'day', 'hour', 'minute']
    : ['day', 'hour', 'minute'];
  for (const unit of units) {
    if (total % SECONDS[unit] === 0) return { amount: total / SECONDS[unit], unit };
  }
  return { amount: total, unit: 'second' };
}

/** A unit as it is said of so many: "day", "days". */
export function unitWords(n: number, unit: DurationUnit): string {
  switch (unit) {
    case 'week':
      return plural(n, { one: 'week', other: 'weeks' });
    case 'day':
      return plural(n, { one: 'day', other: 'days' });
    case 'hour':
      return plural(n, { one: 'hour', other: 'hours' });
    case 'minute':
      return plural(n, { one: 'minute', other: 'minutes' });
    case 'second':
      return plural(n, { one: 'second', other: 'seconds' });
  }
}

/** "1 hour", "1500 days": without a comma, since it is typed and read back too. */
export const amountWords = (n: number, unit: DurationUnit): string => `${n} ${unitWords(n, unit)}`;

/** "1 hour", "1 day 2 hours": in the units in which it is written, where they are few. */
export function durationWords(iso: string | null | undefined): string | null {
  const total = seconds(iso);
  if (total === null) return null;
  const single = amountOf(iso);
  const isMixed = (iso?.match(/\d[WDHMS]/g)?.length ?? 0) > 1;
  if (single && !isMixed && (single.amount < 100 || single.unit === 'day')) {
    return amountWords(Math.abs(single.amount), single.unit);
  }
  let left = Math.abs(total);
  const parts: string[] = [];
  for (const unit of ['day', 'hour', 'minute', 'second'] as const) {
    const count = Math.floor(left / SECONDS[unit]);
    left -= count * SECONDS[unit];
    if (count > 0) parts.push(amountWords(count, unit));
  }
  return parts.join(' ');
}
