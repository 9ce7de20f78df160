/** The frame of a chart over days: its scale, its days, and what it says of the day pointed at. */
import { t } from '@lingui/core/macro';
import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { spread } from '../trend';
import { longDay, shortDay } from './days';
import classes from './Growth.module.css';
import { useDayCursor } from './useDayCursor';

export const LEFT = 60;
export const RIGHT = 8;
const BELOW = 24;
/** Pixels that a day's name takes. */
const NAME = 84;

export interface Plot {
  width: number;
  /** The middle of a day. */
  x: (index: number) => number;
  /** The width of a day. */
  step: number;
  /** The day pointed at. */
  at: number | null;
}

interface ChartFrameProps {
  label: string;
  days: readonly string[];
  height: number;
  /** What the chart says of a day, in the box and to those who hear it. */
  says: (index: number) => { words: string; box: ReactNode };
  children: (plot: Plot) => ReactNode;
}

export function ChartFrame({ label, days, height, says, children }: ChartFrameProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const { at, handlers } = useDayCursor(days.length, LEFT, RIGHT);
  const step = Math.max(0, width - LEFT - RIGHT) / Math.max(1, days.length);
  const x = (index: number) => LEFT + (index + 0.5) * step;
  const named = spread(days.length, Math.max(2, Math.floor((width - LEFT) / NAME)));
  const shown = at ?? days.length - 1;
  const flip = at !== null && x(at) > width / 2;
  return (
    <div
      ref={ref}
      className={classes.chart}
      role="slider"
      aria-label={t`${label}: day`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, days.length - 1)}
      aria-valuenow={Math.max(0, shown)}
      aria-valuetext={`${longDay(days[shown] ?? '')}: ${says(shown).words}`}
      tabIndex={0}
      {...handlers}
    >
      {width > 0 && (
        <svg width={width} height={height + BELOW} aria-hidden>
          {children({ width, x, step, at })}
          {at !== null && (
            <line x1={x(at)} x2={x(at)} y1={0} y2={height} className={classes.cursor} />
          )}
          {named.map((index) => (
            <text
              key={index}
              x={index === days.length - 1 ? width - RIGHT : x(index)}
              y={height + 17}
              textAnchor={index === days.length - 1 ? 'end' : 'middle'}
              className={classes.tick}
            >
              {shortDay(days[index] ?? '')}
            </text>
          ))}
        </svg>
      )}
      {at !== null && (
        <div
          className={classes.box}
          style={flip ? { right: width - x(at) + 12 } : { left: x(at) + 12 }}
        >
          <strong>{longDay(days[at] ?? '')}</strong>
          {says(at).box}
        </div>
      )}
    </div>
  );
}

interface ScaleProps {
  ticks: readonly number[];
  y: (value: number) => number;
  width: number;
  words: (value: number) => string;
}

/** The lines of a scale with their numbers. */
export function Scale({ ticks, y, width, words }: ScaleProps) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={classes.grid} />
          <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className={classes.tick}>
            {words(tick)}
          </text>
        </g>
      ))}
    </>
  );
}
