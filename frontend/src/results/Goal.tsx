/** Who reached the goal: the share with its interval, how long it took, and by day of entering. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { FlowGoal } from '@/api/types';
import { ChartFrame, Scale } from '@/segments/growth/ChartFrame';
import growth from '@/segments/growth/Growth.module.css';
import { tickWords } from '@/segments/growth/words';
import { niceTicks } from '@/segments/trend';
import { number, percent, spanInWords } from '@/ui/format';
import { Part } from './Bars';
import { dayOf, share } from './figures';
import { Interval } from './Interval';
import classes from './Results.module.css';

const TOP = 10;
const PLOT = 150;

export function Goal({ goal }: { goal: FlowGoal | null }) {
  if (!goal) {
    return (
      <Part title={t`Goal`}>
        <p className={classes.note}>
          <Trans>
            This flow has no goal. Set one in its settings, and who reaches it is counted here.
          </Trans>
        </p>
      </Part>
    );
  }
  return (
    <Part title={t`Goal`}>
      <p className={classes.lead}>
        <Trans>
          <strong>{share(goal.share)}</strong> reached it, {number(goal.reached)} people; between{' '}
          {share(goal.low)} and {share(goal.high)} with 95 % certainty
          {goal.median_seconds !== null &&
            t`. Half of them within ${spanInWords(goal.median_seconds)}`}
          .
        </Trans>
      </p>
      <Interval low={goal.low} high={goal.high} share={goal.share} most={1} ends />
      {goal.by_day.length > 1 && <ByDay days={goal.by_day} />}
    </Part>
  );
}

function ByDay({ days }: { days: FlowGoal['by_day'] }) {
  const ticks = niceTicks(0, Math.max(1, ...days.map(({ entered }) => entered)));
  const last = ticks.at(-1) ?? 1;
  const y = (value: number) => TOP + PLOT - (value / last) * PLOT;
  return (
    <ChartFrame
      label={t`Entered and reached the goal by day`}
      days={days.map(({ day }) => dayOf(day))}
      height={TOP + PLOT}
      says={(index) => {
        const day = days[index];
        if (!day) return { words: '', box: null };
        return {
          words: t`${number(day.entered)} entered, ${number(day.reached)} of them reached the goal`,
          box: (
            <dl className={growth.facts}>
              <dt>
                <Trans>Entered</Trans>
              </dt>
              <dd>{number(day.entered)}</dd>
              <dt>
                <Trans>Goal</Trans>
              </dt>
              <dd>
                {number(day.reached)} · {percent(day.reached, day.entered)}
              </dd>
            </dl>
          ),
        };
      }}
    >
      {({ width, x, step }) => {
        const bar = Math.max(1, Math.min(22, step * 0.7));
        return (
          <>
            <Scale ticks={ticks} y={y} width={width} words={tickWords} />
            {days.map(({ day, entered, reached }, i) => (
              <g key={day}>
                <rect
                  x={x(i) - bar / 2}
                  width={bar}
                  y={y(entered)}
                  height={TOP + PLOT - y(entered)}
                  className={classes.entered}
                />
                <rect
                  x={x(i) - bar / 2}
                  width={bar}
                  y={y(reached)}
                  height={TOP + PLOT - y(reached)}
                  className={growth.joined}
                />
              </g>
            ))}
          </>
        );
      }}
    </ChartFrame>
  );
}
