/** Which people are in exactly which segments: order, words and rules of the combinations. Pure. */
import { plural, t } from '@lingui/core/macro';
import type { Rule } from '@/model/rule';
import { percent } from '@/ui/format';
import type { Overlap, OverlapRegion, OverlapSet } from '../types';

/** Names as a list in a sentence: "A", "A and B", "A, B and C". */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names.join('');
  const before = names.slice(0, -1).join(', ');
  const end = names.at(-1) ?? '';
  return word === 'and' ? t`${before} and ${end}` : t`${before} or ${end}`;
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
  const all = listed(inside);
  const where =
    inside.length === 1
      ? t`only in ${all}`
      : others.length > 0
        ? t`in ${all}, and not in ${listed(others, 'or')}`
        : t`in ${all}`;
  return exact
    ? plural(region.count, { one: `# person is ${where}.`, other: `# people are ${where}.` })
    : plural(region.count, {
        one: `about # person is ${where}.`,
        other: `about # people are ${where}.`,
      });
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
