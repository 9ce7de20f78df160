/** A segment's size by day, and under it who joined and who left. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { number } from '@/ui/format';
import { niceTicks } from '../trend';
import type { GrowthDay } from '../types';
import { ChartFrame, LEFT, RIGHT, Scale } from './ChartFrame';
import classes from './Growth.module.css';
import { tickWords } from './words';

const TOP = 10;
const SIZE = 200;
const BETWEEN = 26;
const BARS = 84;
const HEIGHT = TOP + SIZE + BETWEEN + BARS;
/** Below this part of the largest size, the scale need not begin at none. */
const ZOOM_FROM = 0.6;

export function SizeChart({ days }: { days: readonly GrowthDay[] }) {
  const sizes = days.map(({ size }) => size);
  const high = Math.max(...sizes, 0);
  const low = Math.min(...sizes, high);
  const zoomed = low > high * ZOOM_FROM && high - low > 0 && high > 20;
  const ticks = niceTicks(zoomed ? low : 0, high);
  const [first = 0, last = 1] = [ticks[0], ticks.at(-1)];
  const y = (size: number) => TOP + SIZE - ((size - first) / (last - first)) * SIZE;

  const most = Math.max(1, ...days.map(({ joined, left }) => Math.max(joined, left)));
  const joins = Math.max(...days.map(({ joined }) => joined), 0);
  const leaves = Math.max(...days.map(({ left }) => left), 0);
  const share = joins + leaves === 0 ? 0.5 : joins / (joins + leaves);
  const middle = TOP + SIZE + BETWEEN + BARS * Math.min(0.85, Math.max(0.15, share));
  const unit = Math.min(
    (middle - TOP - SIZE - BETWEEN) / Math.max(1, joins),
    (HEIGHT - middle) / Math.max(1, leaves),
  );
  return (
    <ChartFrame
      label={t`Size by day`}
      days={days.map(({ day }) => day)}
      height={HEIGHT}
      says={(index) => {
        const day = days[index];
        if (!day) return { words: '', box: null };
        return {
          words: t`${number(day.size)} people, ${number(day.joined)} joined, ${number(day.left)} left`,
          box: (
            <dl className={classes.facts}>
              <dt>
                <Trans>People</Trans>
              </dt>
              <dd>{number(day.size)}</dd>
              <dt data-joined>
                <Trans>Joined</Trans>
              </dt>
              <dd>+ {number(day.joined)}</dd>
              <dt data-left>
                <Trans>Left</Trans>
              </dt>
              <dd>− {number(day.left)}</dd>
            </dl>
          ),
        };
      }}
    >
      {({ width, x, step, at }) => {
        const points = days.map(({ size }, i) => `${x(i).toFixed(1)},${y(size).toFixed(1)}`);
        const line = `M${points.join('L')}`;
        const bar = Math.max(1, Math.min(14, step * 0.7));
        const today = at === null ? undefined : days[at];
        return (
          <>
            <Scale ticks={ticks} y={y} width={width} words={tickWords} />
            {!zoomed && days.length > 1 && (
              <path
                d={`${line}L${x(days.length - 1)},${y(first)}L${x(0)},${y(first)}Z`}
                className={classes.area}
              />
            )}
            <path d={line} className={classes.line} />
            {at !== null && today && (
              <circle cx={x(at)} cy={y(today.size)} r={4} className={classes.point} />
            )}
            <line x1={LEFT} x2={width - RIGHT} y1={middle} y2={middle} className={classes.axis} />
            {joins > 0 && (
              <text
                x={LEFT - 8}
                y={middle - joins * unit + 8}
                textAnchor="end"
                className={classes.tick}
              >
                +{tickWords(joins)}
              </text>
            )}
            {leaves > 0 && (
              <text
                x={LEFT - 8}
                y={middle + leaves * unit}
                textAnchor="end"
                className={classes.tick}
              >
                −{tickWords(leaves)}
              </text>
            )}
            {most > 0 &&
              days.map(({ day, joined, left }, i) => (
                <g key={day}>
                  {joined > 0 && (
                    <rect
                      x={x(i) - bar / 2}
                      width={bar}
                      y={middle - Math.max(1, joined * unit)}
                      height={Math.max(1, joined * unit)}
                      className={classes.joined}
                    />
                  )}
                  {left > 0 && (
                    <rect
                      x={x(i) - bar / 2}
                      width={bar}
                      y={middle}
                      height={Math.max(1, left * unit)}
                      className={classes.left}
                    />
                  )}
                </g>
              ))}
          </>
        );
      }}
    </ChartFrame>
  );
}
