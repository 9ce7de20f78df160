/** Periods for which things are kept, in words and compared. Pure. */
import { plural, t } from '@lingui/core/macro';
import { durationWords, seconds } from '@/model/duration';

const YEAR = 365;
const USUAL = ['P7D', 'P30D', 'P90D', 'P180D', 'P365D', 'P730D', 'P1095D', 'P1825D'];

/** "for 90 days", "for 3 years", "for ever". */
export function periodWords(period: string | null): string {
  if (period === null) return t`for ever`;
  const days = (seconds(period) ?? 0) / 86_400;
  const years = days / YEAR;
  if (years >= 1 && Number.isInteger(years))
    return plural(years, { one: 'for # year', other: 'for # years' });
  return t`for ${durationWords(period) ?? period}`;
}

/** True where something would be deleted that is kept now. */
export function isShorter(next: string | null, present: string | null): boolean {
  if (next === null) return false;
  return present === null || (seconds(next) ?? 0) < (seconds(present) ?? 0);
}

/** The periods to choose from, the shortest first, with those that are set already. */
export function periodChoices(row: {
  default: string | null;
  keep: string | null;
}): (string | null)[] {
  const all = [...new Set([...USUAL, row.default, row.keep])];
  const length = (period: string | null) =>
    period === null ? Number.POSITIVE_INFINITY : (seconds(period) ?? 0);
  return [...all.filter((period) => period !== null), null].sort((a, b) => length(a) - length(b));
}
