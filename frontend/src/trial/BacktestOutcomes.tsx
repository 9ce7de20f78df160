/** What a backtest came to: the draft's numbers beside the live version's, and e-mails by day. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Backtest, BacktestOutcome } from '@/api/types';
import { differenceWords, type EmailDay, emailDays } from '@/model/trial';
import { exactInstant, number, percent, shortInstant } from '@/ui/format';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './trial.module.css';

const ROWS: [key: keyof BacktestOutcome, label: string][] = [
  ['entered', t`came in`],
  ['goal', t`reached the goal`],
  ['completed', t`came to the end`],
  ['exited', t`left on the way`],
  ['inside', t`inside at the end`],
  ['failed', t`failed`],
  ['emails', t`e-mails`],
];

export function BacktestOutcomes({ test }: { test: Backtest }) {
  const { result, status, error } = test;
  if (!result) {
    if (status === 'failed') {
      return (
        <p className={classes.bad} role="alert">
          {error || t`It failed. Begin another one.`}
        </p>
      );
    }
    return status === 'cancelled' ? (
      <p className={classes.hint}>
        <Trans>It was cancelled, so it came to nothing.</Trans>
      </p>
    ) : null;
  }
  const { draft, live } = result;
  return (
    <section className={classes.section} aria-label={t`What would have come of it`}>
      <h2>
        <Trans>What would have come of it</Trans>
      </h2>
      <p className={classes.hint}>
        <Trans>
          <span title={t`${exactInstant(test.from)} to ${exactInstant(test.to)}`}>
            The {test.days} days before {shortInstant(test.to)}
          </span>
          , tried <TimeAgo at={test.created_at} />
        </Trans>
      </p>
      <table className={classes.outcomes}>
        <thead>
          <tr>
            <th>
              <span className="sr-only">
                <Trans>What</Trans>
              </span>
            </th>
            <th scope="col">
              <Trans>Draft</Trans>
            </th>
            {live && (
              <th scope="col">
                <Trans>Live</Trans>
              </th>
            )}
            {live && (
              <th scope="col">
                <Trans>Difference</Trans>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([key, label]) => {
            const [now, was] = [Number(draft[key]), Number(live?.[key] ?? 0)];
            return (
              <tr key={key} data-bad={(key === 'failed' && now > 0) || undefined}>
                <th scope="row">{label}</th>
                <td>{number(now)}</td>
                {live && <td>{number(was)}</td>}
                {live && <td>{now === was ? '–' : differenceWords(now, was)}</td>}
              </tr>
            );
          })}
          <tr>
            <th scope="row">
              <Trans>reached it, of all</Trans>
            </th>
            <td>{percent(draft.goal, draft.entered)}</td>
            {live && <td>{percent(live.goal, live.entered)}</td>}
            {live && <td />}
          </tr>
        </tbody>
      </table>
      {live === null && (
        <p className={classes.hint}>
          <Trans>There is no live version to set beside it.</Trans>
        </p>
      )}
      <EmailChart days={emailDays(result)} />
      {test.notes.map((note) => (
        <p key={note} className={classes.hint}>
          {note}
        </p>
      ))}
    </section>
  );
}

/** E-mails of each day: the draft's as bars, the live version's as a line of dashes above them. */
function EmailChart({ days }: { days: EmailDay[] }) {
  const most = Math.max(0, ...days.map(({ draft, live }) => Math.max(draft, live ?? 0)));
  const [first, last] = [days[0], days.at(-1)];
  if (most === 0 || !first || !last)
    return (
      <p className={classes.hint}>
        <Trans>No e-mails.</Trans>
      </p>
    );
  const height = (n: number): string => `${(100 * n) / most}%`;
  const compared = first.live !== null;
  return (
    <figure className={classes.days}>
      <figcaption className={classes.legend}>
        <span>
          <Trans>E-mails a day, {number(most)} at most</Trans>
        </span>
        <span data-of="draft">
          <Trans>Draft</Trans>
        </span>
        {compared && (
          <span data-of="live">
            <Trans>Live</Trans>
          </span>
        )}
      </figcaption>
      <div aria-hidden>
        {days.map(({ day, draft, live }) => (
          <span
            key={day}
            title={
              live === null
                ? `${day}: ${number(draft)}`
                : t`${day}: ${number(draft)}, live ${number(live)}`
            }
          >
            <i style={{ height: height(draft) }} />
            {live !== null && <b style={{ bottom: height(live) }} />}
          </span>
        ))}
      </div>
      <p className={classes.ends} aria-hidden>
        <span>{first.day}</span>
        <span>{last.day}</span>
      </p>
    </figure>
  );
}
