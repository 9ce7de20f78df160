/** Parts of the results as rows: how far people came, their e-mails, where they ended. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import type { FlowResults } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { number, percent } from '@/ui/format';
import classes from './Results.module.css';

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.card} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const plain = (text: string): string => text.replaceAll('**', '');

interface BarProps {
  name: string;
  about?: string;
  value: number;
  whole: number;
  quiet?: boolean;
}

function Bar({ name, about, value, whole, quiet }: BarProps) {
  return (
    <li className={classes.bar}>
      <span className={classes.name} title={about && plain(about)}>
        {plain(name)}
      </span>
      <span className={classes.track} aria-hidden>
        <span
          data-quiet={quiet || undefined}
          style={{ width: `${whole > 0 ? (100 * value) / whole : 0}%` }}
        />
      </span>
      <span className={classes.count}>
        {number(value)} <small>{percent(value, whole)}</small>
      </span>
    </li>
  );
}

export function Funnel({ results }: { results: FlowResults }) {
  return (
    <Part title={t`How far people came`}>
      <ol className={classes.bars}>
        {results.funnel.map((step) => (
          <Bar
            key={step.node}
            name={step.title}
            about={step.sentence}
            value={step.reached}
            whole={results.entered}
          />
        ))}
      </ol>
    </Part>
  );
}

export function DropOff({ results }: { results: FlowResults }) {
  const steps = results.drop_off.filter(({ left }) => left > 0);
  return (
    <Part title={t`Where people ended without the goal`}>
      {steps.length === 0 ? (
        <p className={classes.note}>
          <Trans>Nobody has ended without the goal in this period.</Trans>
        </p>
      ) : (
        <ul className={classes.bars}>
          {steps.map((step) => (
            <Bar
              key={step.node}
              name={step.title}
              about={step.sentence}
              value={step.left}
              whole={results.entered}
              quiet
            />
          ))}
        </ul>
      )}
    </Part>
  );
}

const STATES = [
  'sent',
  'opened',
  'clicked',
  'bounced',
  'unsubscribed',
  'withheld',
  'failed',
] as const;
const WORDS: Record<(typeof STATES)[number], string> = {
  sent: t`Sent`,
  opened: t`Opened`,
  clicked: t`Clicked`,
  bounced: t`Bounced`,
  unsubscribed: t`Unsubscribed`,
  withheld: t`Withheld`,
  failed: t`Failed`,
};

export function Emails({ emails }: { emails: FlowResults['emails'] }) {
  if (emails.length === 0) return null;
  const none = emails.every((mail) => mail.queued + mail.sent + mail.withheld + mail.failed === 0);
  return (
    <Part title={t`E-mails`}>
      {none ? (
        <EmptyState compact title={t`No e-mail so far`} text={t`None was due in this period.`} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls is reached by keys
        <section className={classes.scroll} tabIndex={0} aria-label={t`E-mails by step`}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">
                  <Trans>Step</Trans>
                </th>
                {STATES.map((state) => (
                  <th key={state} scope="col">
                    {WORDS[state]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {emails.map((mail) => (
                <tr key={mail.node}>
                  <th scope="row">{plain(mail.title)}</th>
                  {STATES.map((state) => (
                    <td key={state}>
                      {number(mail[state])}
                      {(state === 'opened' || state === 'clicked') && mail.sent > 0 && (
                        <small> {percent(mail[state], mail.sent)}</small>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Part>
  );
}
