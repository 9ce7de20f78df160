/** How a segment's size went over the last days: a line, and the change in a number. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { number } from '@/ui/format';
import classes from './SizeTrend.module.css';
import { trendPath, trendSince } from './trend';

const WIDTH = 72;
const HEIGHT = 22;

interface SizeTrendProps {
  trend: readonly number[];
  /** When the segment was made: before that there is nothing to draw. */
  since: string;
}

export function SizeTrend({ trend: sizes, since }: SizeTrendProps) {
  const trend = trendSince(sizes, since, Date.now());
  if (trend.length < 3)
    return (
      <span className={classes.none}>
        <Trans>new</Trans>
      </span>
    );
  const first = trend[0];
  const last = trend.at(-1);
  if (first === undefined || last === undefined || trend.every((size) => size === 0)) {
    return <span className={classes.none}>–</span>;
  }
  const more = last - first;
  const days = plural(trend.length - 1, { one: '# day', other: '# days' });
  const words =
    more > 0
      ? t`${number(more)} more than ${days} ago`
      : more < 0
        ? t`${number(-more)} fewer than ${days} ago`
        : t`As many as ${days} ago`;
  const { line, area } = trendPath(trend, WIDTH, HEIGHT);
  return (
    <span className={classes.trend} title={words}>
      <svg width={WIDTH} height={HEIGHT} aria-hidden>
        <path d={area} className={classes.area} />
        <path d={line} className={classes.line} />
      </svg>
      <span aria-hidden className={classes.change} data-up={more > 0 || undefined}>
        {more === 0 ? '±0' : `${more > 0 ? '+' : '−'}${compact(Math.abs(more))}`}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

const compact = (value: number): string => (value < 10_000 ? number(value) : short.format(value));
