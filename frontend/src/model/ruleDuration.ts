/**
 * Durations of the rule language (ISO 8601 with weeks, days, hours, minutes, seconds; a day is 24
 * hours) to and from words. Pure.
 */

export type DurationUnit = 'second' | 'minute' | 'hour' | 'day' | 'week';

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

const LARGE_FIRST: readonly DurationUnit[] = ['week', 'day', 'hour', 'minute', 'second'];

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

/** One number and one unit that say the same; the largest unit as written that divides it. */
export function durationAmount(iso: string | undefined): Amount | null {
  const parts = durationParts(iso);
  const seconds = durationSeconds(iso);
  if (!parts || seconds === null) return null;
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const unit = LARGE_FIRST.find((each) => seconds % SECONDS[each] === 0) ?? 'second';
  return { n: seconds / SECONDS[unit], unit };
}

/** `{n: 90, unit: "minute"}` → `PT90M`; null where the number is not a whole one above zero. */
export function isoDuration({ n, unit }: Amount): string | null {
  if (!Number.isInteger(n) || n <= 0) return null;
  const letter = unit.charAt(0).toUpperCase();
  return unit === 'week' || unit === 'day' ? `P${n}${letter}` : `PT${n}${letter}`;
}

/** "P1DT12H" → "1 day 12 hours"; what is no duration comes back as it is. */
export function durationWords(iso: string | undefined): string {
  const parts = durationParts(iso);
  if (!parts) return iso ?? '';
  return parts.map(({ n, unit }) => `${n} ${unit}${n === 1 ? '' : 's'}`).join(' ');
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
  const totals = new Map<DurationUnit, number>();
  for (const [, n, word = ''] of pieces) {
    const unit = WORD_UNITS[word] ?? WORD_UNITS[word.replace(/s$/, '')];
    if (!unit) return null;
    totals.set(unit, (totals.get(unit) ?? 0) + Number(n));
  }
  const write = (units: readonly DurationUnit[]): string =>
    units
      .filter((unit) => totals.get(unit))
      .map((unit) => `${totals.get(unit)}${unit.charAt(0).toUpperCase()}`)
      .join('');
  const date = write(['week', 'day']);
  const time = write(['hour', 'minute', 'second']);
  if (!date && !time) return null;
  return `P${date}${time ? `T${time}` : ''}`;
}
