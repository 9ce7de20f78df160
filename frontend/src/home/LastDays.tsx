/** Joins of segments and messages, by day over the last two weeks. */
import { t } from '@lingui/core/macro';
import { number } from '@/ui/format';
import { sumOf, tallest } from './days';
import page from './Home.module.css';
import classes from './LastDays.module.css';
import type { Home } from './useHome';

export function LastDays({ home }: { home: Home }) {
  const joined = number(sumOf(home.joins.joined));
  const left = number(sumOf(home.joins.left));
  const sent = number(sumOf(home.messages.sent));
  const withheld = number(sumOf(home.messages.withheld));
  const failed = number(sumOf(home.messages.failed));
  return (
    <div className={classes.pair}>
      <Days
        title={t`Joins of segments, 14 days`}
        words={t`${joined} joined, ${left} left`}
        values={home.joins.joined}
      />
      <Days
        title={t`Messages, 14 days`}
        words={t`${sent} sent, ${withheld} withheld, ${failed} failed`}
        values={home.messages.sent}
      />
    </div>
  );
}

interface DaysProps {
  title: string;
  words: string;
  values: readonly number[];
}

function Days({ title, words, values }: DaysProps) {
  const most = tallest(values);
  const width = 10;
  return (
    <section className={classes.days} aria-label={title}>
      <h2 className={page.title}>{title}</h2>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${values.length * width} 40`}
        preserveAspectRatio="none"
        aria-hidden
      >
        {values.map((value, day) => {
          const height = Math.max(1, (value / most) * 40);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place
              key={day}
              x={day * width + 1}
              y={40 - height}
              width={width - 2}
              height={height}
            />
          );
        })}
      </svg>
      <p>{words}</p>
    </section>
  );
}
