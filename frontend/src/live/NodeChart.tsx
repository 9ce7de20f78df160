/** What happened at one step over the period: arrivals, and of them who failed, slot by slot. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useElementSize } from '@mantine/hooks';
import { useLive } from '@/canvas/context';
import { useDayCursor } from '@/segments/growth/useDayCursor';
import { exactInstant, number, shortInstant } from '@/ui/format';
import classes from './NodeChart.module.css';
import { LINE_WORDS } from './words';

const HEIGHT = 64;

export function NodeChart({ id }: { id: string }) {
  const period = useLive((state) => state.period);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const course = period?.nodes[id];
  const count = period?.at.length ?? 0;
  const { at, handlers } = useDayCursor(count, 0, 0);
  if (!period || !course || count < 2) return null;
  const most = Math.max(...course.arrivals, ...course.departures, 1);
  const step = width / count;
  const bar = Math.max(1, step - (step > 4 ? 2 : 0.5));
  const high = (value: number) => (value > 0 ? Math.max(1.5, (HEIGHT * value) / most) : 0);
  const shown = at ?? count - 1;
  const words = (index: number) => {
    const [came, went, failed] = [
      course.arrivals[index] ?? 0,
      course.departures[index] ?? 0,
      course.failures[index] ?? 0,
    ];
    return failed > 0
      ? t`${number(came)} arrived, ${number(went)} went on, ${number(failed)} failed`
      : t`${number(came)} arrived, ${number(went)} went on`;
  };
  return (
    <figure className={classes.figure}>
      <figcaption>{LINE_WORDS[period.range]}</figcaption>
      <div
        ref={ref}
        className={classes.chart}
        role="slider"
        tabIndex={0}
        aria-label={LINE_WORDS[period.range]}
        aria-valuemin={0}
        aria-valuemax={count - 1}
        aria-valuenow={shown}
        aria-valuetext={`${exactInstant(period.at[shown] ?? '')}: ${words(shown)}`}
        {...handlers}
      >
        <svg width={width} height={HEIGHT} aria-hidden>
          {course.arrivals.map((value, index) => (
            <g key={period.at[index]} opacity={at === null || at === index ? 1 : 0.45}>
              <rect
                x={index * step}
                width={bar}
                y={HEIGHT - high(value)}
                height={high(value)}
                className={classes.arrived}
              />
              <rect
                x={index * step}
                width={bar}
                y={HEIGHT - high(course.failures[index] ?? 0)}
                height={high(course.failures[index] ?? 0)}
                className={classes.failed}
              />
            </g>
          ))}
        </svg>
      </div>
      <p className={classes.says} data-at={at !== null || undefined}>
        {at !== null ? (
          <>
            <span>{shortInstant(period.at[at] ?? '')}</span>
            <span>{words(at)}</span>
          </>
        ) : (
          <>
            <span>{shortInstant(period.at[0] ?? '')}</span>
            <span>
              <Trans>now</Trans>
            </span>
          </>
        )}
      </p>
    </figure>
  );
}
