/** What a card shows while it is watched: people here, recent course, arrivals, failures. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { NodeGroup } from '@/api/types';
import { useLive } from '@/canvas/context';
import { dueInstant, exactInstant, number } from '@/ui/format';
import { useNow } from '@/ui/useNow';
import classes from './LiveFooter.module.css';
import { Sparkline } from './Sparkline';

interface FooterProps {
  id: string;
  group: NodeGroup;
  type: string;
}

export function LiveFooter({ id, group, type }: FooterProps) {
  const counts = useLive((state) => state.counts.nodes[id]);
  const here = counts?.here ?? 0;
  const failed = counts?.failed ?? 0;
  return (
    <>
      {group !== 'condition' && (
        <div className={classes.footer}>
          {group === 'end' ? (
            <span>
              <strong>{number(counts?.entered ?? 0)}</strong>
              {type === 'goal' ? t`converted` : t`left here`}
            </span>
          ) : (
            <>
              <span>
                <Trans>
                  <strong>{number(here)}</strong>here
                </Trans>
              </span>
              <span className={classes.right}>
                <Course id={id} />
                <span title={t`Arrived in all`}>
                  {number(counts?.entered ?? 0)}
                  {group === 'trigger' && t` in`}
                </span>
              </span>
            </>
          )}
        </div>
      )}
      {failed > 0 && (
        <div className={classes.failed}>
          <Trans>
            <IconAlertTriangle size={13} stroke={2} />
            {number(failed)} failed
          </Trans>
        </div>
      )}
    </>
  );
}

function Course({ id }: { id: string }) {
  const history = useLive((state) => state.history[id]);
  return <Sparkline values={history ?? []} />;
}

/** A chip at the card's corner: when the next contact is due to go on. */
export function NextDue({ id }: { id: string }) {
  const due = useLive((state) => state.counts.nodes[id]?.next_due ?? null);
  const here = useLive((state) => state.counts.nodes[id]?.here ?? 0);
  if (!due || here === 0) return null;
  return <DueChip due={due} />;
}

function DueChip({ due }: { due: string }) {
  const now = useNow();
  const late = new Date(due).getTime() <= now;
  return (
    <time className={classes.due} dateTime={due} title={exactInstant(due)}>
      {late ? t`next now` : t`next ${dueInstant(due, now)}`}
    </time>
  );
}
