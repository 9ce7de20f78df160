/** Which of many things a few typed letters mean: the better a name fits, the higher it stands. Pure. */

/**
 * How well a name fits what was typed: higher is better, null not at all.
 *
 * Its beginning fits best, then the beginning of a word, then letters in a row anywhere; last the
 * initials of words ("nf" for "New flow"). Of two that fit alike the shorter name means it more.
 */
export function closeness(name: string, typed: string): number | null {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 0;
  const low = name.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const one = fitOf(low, word);
    if (one === null) return null;
    sum += one;
  }
  return sum / words.length - Math.min(low.length, 99) / 100;
}

function fitOf(name: string, word: string): number | null {
  const at = name.indexOf(word);
  if (at === 0) return 4;
  if (at > 0) return new RegExp(`[^\\p{L}\\p{N}]${escaped(word)}`, 'u').test(name) ? 3 : 2;
  const initials = (name.match(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu) ?? []).join('');
  return word.length > 1 && initials.startsWith(word) ? 1 : null;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Those that fit, the best first; of a group of things at most so many. */
export function ranked<T extends { label: string; also?: string }>(
  things: readonly T[],
  typed: string,
  most: number,
): T[] {
  return things
    .map((thing, place) => {
      const byName = closeness(thing.label, typed);
      const byOther = thing.also ? closeness(thing.also, typed) : null;
      return { thing, place, fits: byName ?? (byOther === null ? null : byOther - 1) };
    })
    .filter((each): each is typeof each & { fits: number } => each.fits !== null)
    .sort((a, b) => (typed.trim() ? b.fits - a.fits : 0) || a.place - b.place)
    .slice(0, most)
    .map(({ thing }) => thing);
}
