/** Joins by day so far, and the joins to come with the band in which four of five cases lie. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { number } from '@/ui/format';
import { niceTicks } from '../trend';
import type { Forecast } from '../types';
import { ChartFrame, Scale } from './ChartFrame';
import classes from './Growth.module.css';
import { tickWords } from './words';

const TOP = 18;
const PLOT = 170;

export function JoinsChart({ forecast }: { forecast: Forecast }) {
  const { history, series, confidence } = forecast;
  const past = history.length;
  const days = [...history.map(({ day }) => day), ...series.map(({ day }) => day)];
  const high = Math.max(...history.map(({ joined }) => joined), ...series.map((each) => each.high));
  const ticks = niceTicks(0, Math.max(1, high));
  const last = ticks.at(-1) ?? 1;
  const y = (value: number) => TOP + PLOT - (value / last) * PLOT;
  return (
    <ChartFrame
      label={t`Joins by day, so far and expected`}
      days={days}
      height={TOP + PLOT}
      says={(index) => {
        const before = history[index];
        if (before) {
          return {
            words: t`${number(before.joined)} joined`,
            box: <Fact term={t`Joined`} value={number(before.joined)} />,
          };
        }
        const ahead = series[index - past];
        if (!ahead) return { words: '', box: null };
        const about = number(Math.round(ahead.expected));
        const range = t`${number(ahead.low)} to ${number(ahead.high)}`;
        return {
          words: t`about ${about} expected, ${range} in ${Math.round(100 * confidence)} of 100 cases`,
          box: (
            <>
              <Fact term={t`Expected`} value={t`about ${about}`} />
              <Fact term={t`${Math.round(100 * confidence)} of 100`} value={range} />
            </>
          ),
        };
      }}
    >
      {({ width, x, step, at }) => {
        const bar = Math.max(1, Math.min(14, step * 0.7));
        const border = past > 0 ? x(past) - step / 2 : x(0);
        const middle = series.map((each, i) => `${x(past + i)},${y(each.expected)}`);
        const upper = series.map((each, i) => `${x(past + i)},${y(each.high)}`);
        const lower = series.map((each, i) => `${x(past + i)},${y(each.low)}`).reverse();
        const ahead = at === null ? undefined : series[at - past];
        return (
          <>
            <Scale ticks={ticks} y={y} width={width} words={tickWords} />
            {history.map(({ day, joined }, i) => (
              <rect
                key={day}
                x={x(i) - bar / 2}
                width={bar}
                y={y(joined)}
                height={Math.max(0, TOP + PLOT - y(joined))}
                className={classes.past}
              />
            ))}
            {series.length > 0 && (
              <>
                <path d={`M${[...upper, ...lower].join('L')}Z`} className={classes.band} />
                <path d={`M${middle.join('L')}`} className={classes.expected} />
                <line x1={border} x2={border} y1={6} y2={TOP + PLOT} className={classes.now} />
                <text x={border + 6} y={12} className={classes.tick}>
                  <Trans>to come</Trans>
                </text>
                <text x={border - 6} y={12} textAnchor="end" className={classes.tick}>
                  <Trans>so far</Trans>
                </text>
              </>
            )}
            {at !== null && ahead && (
              <circle cx={x(at)} cy={y(ahead.expected)} r={4} className={classes.point} />
            )}
          </>
        );
      }}
    </ChartFrame>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <dl className={classes.facts}>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </dl>
  );
}
