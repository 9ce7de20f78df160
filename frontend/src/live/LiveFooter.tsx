/** What a card shows while it is watched: people here, recent course, arrivals, failures. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { NodeGroup } from '@/api/types';
import { useLive } from '@/canvas/context';
import { arrivedAt } from '@/model/course';
import { dueInstant, exactInstant, number } from '@/ui/format';
import { useNow } from '@/ui/useNow';
import './heat.css';
import classes from './LiveFooter.module.css';
import { Sparkline } from './Sparkline';
import { ARRIVED_WORDS, LINE_WORDS } from './words';

interface FooterProps {
  id: string;
  group: NodeGroup;
  type: string;
}

export function LiveFooter({ id, group, type }: FooterProps) {
  const counts = useLive((state) => state.counts.nodes[id]);
  const here = counts?.here ?? 0;
  const failed = counts?.failed ?? 0;
  const arrived = useLive((state) => arrivedAt(id, state.counts.nodes, state.period));
  const range = useLive((state) => state.period?.range ?? 'all');
  return (
    <>
      {group !== 'condition' && (
        <div className={classes.footer}>
          {group === 'end' ? (
            <span>
              <strong>{number(arrived)}</strong>
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
                <span title={ARRIVED_WORDS[range]}>
                  {number(arrived)}
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

const NO_LINE: readonly number[] = [];

function Course({ id }: { id: string }) {
  const line = useLive((state) => state.period?.nodes[id]?.arrivals ?? NO_LINE);
  const range = useLive((state) => state.period?.range ?? 'all');
  return <Sparkline values={line} label={LINE_WORDS[range]} />;
}

/** How warm a step's card is; undefined while that is not shown. */
export const useHeat = (id: string): number | undefined =>
  useLive((state) => (state.heat ? (state.heat.levels[id] ?? 0) : undefined));

/** A chip at the card's other corner: how many a minute arrive. */
export function Pace({ id }: { id: string }) {
  const pace = useLive((state) => state.pace[id]);
  if (!pace) return null;
  return (
    <span className={classes.pace} title={t`People a minute who arrive here, by the last minute`}>
      <Trans>{number(pace)} / min</Trans>
    </span>
  );
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
