/**
 * Durations of the rule language (ISO 8601 with weeks, days, hours, minutes, seconds; a day is 24
 * hours) to and from words. Pure.
 */

import { amountWords, type DurationUnit } from './duration';

export type { DurationUnit };

export interface Amount {
  n: number;
  unit: DurationUnit;
}

const SECONDS: Record<DurationUnit, number> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};

export const LARGE_FIRST: readonly DurationUnit[] = ['week', 'day', 'hour', 'minute', 'second'];

const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The parts as written, largest first; null for what is no duration of this language. */
export function durationParts(iso: string | undefined): Amount[] | null {
  const match = ISO.exec(iso ?? '');
  if (!match || iso?.endsWith('T')) return null;
  const parts = LARGE_FIRST.map((unit, i) => ({ unit, n: Number(match[i + 1] ?? 0) })).filter(
    (part) => part.n > 0,
  );
  return parts.length ? parts : null;
}

export function durationSeconds(iso: string | undefined): number | null {
  const parts = durationParts(iso);
  return parts ? parts.reduce((sum, { n, unit }) => sum + n * SECONDS[unit], 0) : null;
}

/** `[1 day, 12 hours]` → `P1DT12H`; null where a number is not a whole one, or the sum is zero. */
export function isoDuration(parts: readonly Amount[]): string | null {
  if (parts.some(({ n }) => !Number.isInteger(n) || n < 0)) return null;
  const write = (units: readonly DurationUnit[]): string =>
    units
      .map((unit) => {
        const n = parts.reduce((sum, part) => (part.unit === unit ? sum + part.n : sum), 0);
        return n > 0 ? `${n}${unit.charAt(0).toUpperCase()}` : '';
      })
      .join('');
  const date = write(['week', 'day']);
  const time = write(['hour', 'minute', 'second']);
  return date || time ? `P${date}${time ? `T${time}` : ''}` : null;
}

/** The next smaller unit that a duration's parts do not have yet; undefined after seconds. */
export function smallerUnit(parts: readonly Amount[]): DurationUnit | undefined {
  const last = Math.max(...parts.map(({ unit }) => LARGE_FIRST.indexOf(unit)), 0);
  return LARGE_FIRST[last + 1];
}

/** "P1DT12H" → "1 day 12 hours"; what is no duration comes back as it is. */
export function durationWords(iso: string | undefined): string {
  const parts = durationParts(iso);
  if (!parts) return iso ?? '';
  return parts.map(({ n, unit }) => amountWords(n, unit)).join(' ');
}

const WORD_UNITS: Record<string, DurationUnit> = {
  s: 'second',
  sec: 'second',
  second: 'second',
  m: 'minute',
  min: 'minute',
  minute: 'minute',
  h: 'hour',
  hour: 'hour',
  d: 'day',
  day: 'day',
  w: 'week',
  week: 'week',
};

/** "1 day 12 hours", "90 min", "2w" → ISO 8601; null for what is not understood. */
export function durationFromWords(words: string): string | null {
  const text = words.trim().toLowerCase();
  const pieces = [...text.matchAll(/(\d+)\s*([a-z]+)\s*(?:,|and)?\s*/g)];
  if (!pieces.length || pieces.map((piece) => piece[0]).join('') !== text) return null;
  const parts: Amount[] = [];
  for (const [, n, word = ''] of pieces) {
    const unit = WORD_UNITS[word] ?? WORD_UNITS[word.replace(/s$/, '')];
    if (!unit) return null;
    parts.push({ n: Number(n), unit });
  }
  return isoDuration(parts);
}
