/** Which people are in exactly which segments: order, words and rules of the combinations. Pure. */
import { t } from '@lingui/core/macro';
import type { Rule } from '@/model/rule';
import { number, percent } from '@/ui/format';
import type { Overlap, OverlapRegion, OverlapSet } from '../types';

/** Names as a list in a sentence: "A", "A and B", "A, B and C". */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}

const named = (sets: readonly OverlapSet[], keys: readonly string[]): string[] =>
  sets.filter(({ key }) => keys.includes(key)).map(({ name }) => `“${name}”`);

/** A combination read aloud: "about 412 people are in “A” and “B”, and not in “C”." */
export function regionWords({ sets, exact }: Overlap, region: OverlapRegion): string {
  const inside = named(sets, region.in);
  const others = named(
    sets,
    sets.map(({ key }) => key).filter((key) => !region.in.includes(key)),
  );
  const about = exact ? '' : 'about ';
  const who = region.count === 1 ? t`1 person is` : `${number(region.count)} people are`;
  const only = inside.length === 1 ? 'only in' : 'in';
  const without =
    inside.length > 1 && others.length > 0 ? `, and not in ${listed(others, 'or')}` : '';
  return `${about}${who} ${only} ${listed(inside)}${without}.`;
}

/** The combination as a rule: in each of these, and in none of the others. */
export function regionRule(sets: readonly OverlapSet[], region: OverlapRegion): Rule {
  return {
    type: 'all',
    rules: sets.map(({ key }) => ({
      type: 'segment',
      segment: key,
      op: region.in.includes(key) ? 'in' : 'not_in',
    })),
  };
}

/** How many of a segment's people are in another one too, and which part of them that is. */
export function sharedWith(
  { sets, regions }: Overlap,
  key: string,
  other: string,
): { count: number; part: string } {
  const count = regions
    .filter((region) => region.in.includes(key) && region.in.includes(other))
    .reduce((sum, region) => sum + region.count, 0);
  return { count, part: percent(count, sets.find((set) => set.key === key)?.size ?? 0) };
}
