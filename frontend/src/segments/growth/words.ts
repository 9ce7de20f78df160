/** Numbers short enough to stand at a scale. */
import { number } from '@/ui/format';

const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

export const tickWords = (value: number): string =>
  value < 10_000 ? number(value) : short.format(value);
