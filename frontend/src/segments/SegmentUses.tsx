/** The tab "Used in": the flows and segments that build on this one, and those it builds on. */
import { t } from '@lingui/core/macro';
import { IconRoute } from '@tabler/icons-react';
import { useFlowChoices, useSegments } from '@/api/queries';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './Segment.module.css';
import type { Segment, Use } from './types';
import { UseIcon, UseLink } from './UsedIn';

export function SegmentUses({ segment }: { segment: Segment }) {
  const names = useSegments().data ?? [];
  const flows = useFlowChoices().data ?? [];
  const needed = segment.depends_on.map(
    (key): Use => ({
      kind: 'segment',
      key,
      name: names.find((each) => each.key === key)?.name ?? key,
      how: t`this segment’s rule asks for it`,
    }),
  );
  const of = (kind: Use['kind']) => segment.used_in.filter((use) => use.kind === kind);
  const status = (key: string) => flows.find((each) => each.key === key)?.status;
  if (segment.used_in.length === 0 && needed.length === 0) {
    return (
      <EmptyState
        icon={<IconRoute size={22} />}
        title={t`Not used yet`}
        text={t`Start a flow from this segment, or use it in another segment’s rule. Where it is used is listed here.`}
      />
    );
  }
  return (
    <div className={classes.uses}>
      <UseList title={t`Flows that use it`} uses={of('flow')} status={status} />
      <UseList title={t`Segments that use it`} uses={of('segment')} />
      <UseList title={t`Score rules that use it`} uses={of('score')} />
      <UseList title={t`Segments it needs`} uses={needed} />
    </div>
  );
}

interface UseListProps {
  title: string;
  uses: Use[];
  status?: (key: string) => string | undefined;
}

function UseList({ title, uses, status }: UseListProps) {
  if (uses.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {uses.map((use) => {
          const state = status?.(use.key);
          return (
            <li key={`${use.key}-${use.how}`}>
              <UseLink use={use} className={classes.use}>
                <UseIcon kind={use.kind} size={16} />
                <strong>{use.name}</strong>
                <span className={classes.useHow}>{use.how}</span>
                {state && (
                  <StatusBadge tone={state === 'live' ? 'accent' : 'quiet'}>{state}</StatusBadge>
                )}
              </UseLink>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
