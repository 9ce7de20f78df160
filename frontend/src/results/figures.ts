/** Figures of the results as words. Pure. */

const HALF_A_DAY = 43_200_000;

/** "12.3 %". */
export const share = (part: number): string => `${(100 * part).toFixed(1).replace(/\.0$/, '')} %`;

/** The date of a day that is told by its beginning in the workspace's zone. */
export const dayOf = (beginning: string): string =>
  new Date(new Date(beginning).getTime() + HALF_A_DAY).toISOString().slice(0, 10);

/** The date of an instant where the viewer is. */
export const localDay = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');

/** The instants at which the first day begins and the last one ends, where the viewer is. */
export function periodOfDays(from: string, to: string): { from: string; to: string } {
  const begins = new Date(`${from}T00:00:00`);
  const ends = new Date(`${to}T00:00:00`);
  ends.setDate(ends.getDate() + 1);
  return { from: begins.toISOString(), to: ends.toISOString() };
}
