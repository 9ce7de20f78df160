/** All that happens to the person and comes of it, in step with the playhead. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import {
  IconActivity,
  IconArrowsExchange,
  IconDoorExit,
  IconMail,
  IconMailOff,
  IconUsersGroup,
} from '@tabler/icons-react';
import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import { useSegments } from '@/api/queries';
import type { Graph, SimulatedMessage, SimulatedVisit } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { useTitleIn } from '@/canvas/useTitles';
import type { Entry, Film } from '@/model/playback';
import { happeningTitle } from '@/model/trial';
import { exactInstant, sentence, shortInstant } from '@/ui/format';
import classes from './journal.module.css';
import { MAIL_STATUS, MailPreview } from './MailPreview';

export const OUTCOMES: Record<SimulatedVisit['outcome'], string> = {
  inside: t`Still inside at the end`,
  completed: t`Came to the end`,
  converted: t`Converted`,
  exited: t`Left the flow`,
  failed: t`Stands still with an error`,
};

interface JournalProps {
  film: Film;
  graph: Graph;
  /** How many entries have happened by the playhead. */
  happened: number;
  /** Where the shown timeline ends. */
  until: number;
  onSeek: (at: number) => void;
}

export const Journal = memo(function Journal({
  film,
  graph,
  happened,
  until,
  onSeek,
}: JournalProps) {
  const [mail, setMail] = useState<SimulatedMessage | null>(null);
  const list = useRef<HTMLOListElement>(null);

  useEffect(() => {
    const now = list.current?.children[Math.max(0, happened - 1)];
    const panel = list.current?.closest('aside');
    if (!now || !panel || happened === 0) return;
    const [row, box] = [now.getBoundingClientRect(), panel.getBoundingClientRect()];
    if (row.bottom > box.bottom - 12) panel.scrollTop += row.bottom - box.bottom + 80;
    else if (row.top < box.top) panel.scrollTop -= box.top - row.top + 40;
  }, [happened]);

  return (
    <>
      <ol ref={list} className={classes.journal} aria-label={t`Journal`}>
        {film.entries
          .filter(({ at }) => at <= until)
          .map((entry, place) => (
            <li
              key={entry.id}
              data-kind={entry.kind}
              data-now={place === happened - 1 || undefined}
              data-later={place >= happened || undefined}
            >
              <button
                type="button"
                aria-current={place === happened - 1 ? 'step' : undefined}
                onClick={() => onSeek(entry.at)}
              >
                <Row entry={entry} graph={graph} />
              </button>
              {entry.kind === 'mail' && (
                <button
                  type="button"
                  className={classes.preview}
                  onClick={() => setMail(entry.mail)}
                >
                  <Trans>
                    Preview
                    <span className="sr-only"> of {entry.mail.subject || t`the e-mail`}</span>
                  </Trans>
                </button>
              )}
            </li>
          ))}
      </ol>
      {mail && <MailPreview mail={mail} onClose={() => setMail(null)} />}
    </>
  );
});

function Row({ entry, graph }: { entry: Entry; graph: Graph }) {
  const title = useTitleIn(graph);
  const { data: segments = [] } = useSegments();
  const segmentName = (key: string) => segments.find((each) => each.key === key)?.name ?? key;
  const when = new Date(entry.at).toISOString();
  const line = (icon: ReactNode, words: string, reason?: string, tone?: string) => (
    <>
      <span className={classes.icon} data-tone={tone} aria-hidden>
        {icon}
      </span>
      <span className={classes.words}>
        <strong>{words}</strong>
        <time dateTime={when} title={exactInstant(when)}>
          {shortInstant(when)}
        </time>
        {reason && <span>{reason}</span>}
      </span>
    </>
  );
  switch (entry.kind) {
    case 'happening':
      return line(
        <IconActivity size={13} stroke={2} />,
        happeningTitle(entry.happening, title, segmentName),
        undefined,
        'given',
      );
    case 'step': {
      const way = entry.branch && entry.branch !== 'next' ? branchLabel(entry.branch) : '';
      const words = title(entry.node);
      const reason = sentence(entry.reason);
      return line(
        null,
        way ? `${words} → ${way}` : words,
        reason === sentence(words) ? undefined : reason,
        'step',
      );
    }
    case 'mail': {
      const { mail } = entry;
      const status = MAIL_STATUS[mail.status] ?? mail.status;
      const words = mail.reason ? `${status}: ${mail.reason}` : status;
      return line(
        mail.status === 'sent' ? <IconMail size={13} /> : <IconMailOff size={13} />,
        mail.subject || t`No subject`,
        words,
        mail.status === 'sent' ? 'mail' : 'warn',
      );
    }
    case 'call':
      return line(
        <IconArrowsExchange size={13} />,
        entry.what === 'slack' ? t`Writes to Slack` : t`Calls another system`,
        entry.branch === 'failed' ? t`Taken to fail` : t`Taken to succeed`,
        entry.branch === 'failed' ? 'warn' : undefined,
      );
    case 'segment': {
      const name = segmentName(entry.segment);
      const words = entry.change === 'entered' ? t`Joins ${name}` : t`Leaves ${name}`;
      return line(<IconUsersGroup size={13} />, words);
    }
    default:
      return line(
        <IconDoorExit size={13} />,
        OUTCOMES[entry.visit.outcome],
        sentence(entry.visit.reason || t`No step follows`),
        entry.visit.outcome === 'failed' ? 'bad' : 'end',
      );
  }
}
