/** The drawing of small and large charts of sizes: scales, ticks and paths. Pure. */

/**
 * A line and the area under it, of values from left to right. The drawing keeps a point's space
 * above and below; a value that never changes lies in the middle.
 */
export function trendPath(
  values: readonly number[],
  width: number,
  height: number,
): { line: string; area: string } {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const points = values.map((value, index) => {
    const share = range === 0 ? 0.5 : (value - low) / range;
    return `${(index * step).toFixed(1)},${(height - 2 - share * (height - 4)).toFixed(1)}`;
  });
  const line = `M${points.join('L')}`;
  const right = ((values.length - 1) * step).toFixed(1);
  return { line, area: `${line}L${right},${height}L0,${height}Z` };
}

/** The sizes of the days on which there was the segment, of sizes a day apart up to `now`. */
export function trendSince(sizes: readonly number[], since: string, now: number): number[] {
  const days = Math.floor((now - new Date(since).getTime()) / 86_400_000) + 1;
  return sizes.slice(-Math.max(1, days));
}

/**
 * Round numbers from `low` to at least `high`, `about` of them or a few less or more, in steps of
 * 1, 2 or 5 times a power of ten and never less than one: people are whole.
 */
export function niceTicks(low: number, high: number, about = 4): number[] {
  const span = Math.max(1, high - low);
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power);
  const first = Math.floor(low / step) * step;
  const ticks = [first];
  for (let at = first + step; (ticks.at(-1) ?? 0) < high; at += step) ticks.push(at);
  return ticks.length > 1 ? ticks : [first, first + step];
}

/** About `most` places among `count`, evenly spaced, the last one always among them. */
export function spread(count: number, most: number): number[] {
  if (count <= 0) return [];
  const step = Math.max(1, Math.ceil(count / most));
  const places: number[] = [];
  for (let at = count - 1; at >= 0; at -= step) places.unshift(at);
  return places;
}
