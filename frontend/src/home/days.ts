/** Sums and heights of numbers by day. */

export const sumOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0);

/** What the tallest bar stands for; 1 where there is nothing, so that nothing is divided by 0. */
export const tallest = (values: readonly number[]): number => Math.max(1, ...values);
