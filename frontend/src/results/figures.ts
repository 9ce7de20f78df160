/** Figures of the results as words. Pure. */

const HALF_A_DAY = 43_200_000;

/** "12.3 %". */
export const share = (part: number): string => `${(100 * part).toFixed(1).replace(/\.0$/, '')} %`;

/** The date of a day that is told by its beginning in the workspace's zone. */
export const dayOf = (beginning: string): string =>
  new Date(new Date(beginning).getTime() + HALF_A_DAY).toISOString().slice(0, 10);
