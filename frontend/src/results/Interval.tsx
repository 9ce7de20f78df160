/** A share with its interval as a line on a scale from none to the most. */
import { t } from '@lingui/core/macro';
import { share as shareWords } from './figures';
import classes from './Results.module.css';

interface IntervalProps {
  low: number;
  share: number;
  high: number;
  /** The end of the scale. */
  most: number;
  /** Names the ends of the scale. */
  ends?: boolean;
}

export function Interval({ low, share, high, most, ends = false }: IntervalProps) {
  const at = (value: number) => `${most > 0 ? (100 * value) / most : 0}%`;
  const line = (
    <svg
      className={classes.interval}
      role="img"
      aria-label={t`${shareWords(share)}, between ${shareWords(low)} and ${shareWords(high)}`}
    >
      <line x1="0" x2="100%" y1="50%" y2="50%" data-scale />
      <line x1={at(low)} x2={at(high)} y1="50%" y2="50%" />
      <circle cx={at(share)} cy="50%" r="5" />
    </svg>
  );
  if (!ends) return line;
  return (
    <div className={classes.scale}>
      {line}
      <span aria-hidden>{shareWords(0)}</span>
      <span aria-hidden>{shareWords(most)}</span>
    </div>
  );
}
