/** Beside the live canvas: the chosen step, the people at it, its failures, its settings. */
import { plural, t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { get, url } from '@/api/client';
import type { CursorPage, Flow, GraphNode, VisitRow } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { useTitleOf } from '@/canvas/useTitles';
import { wentOn } from '@/model/counts';
import { arrivedAt } from '@/model/course';
import { number, spanInWords } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { useNow } from '@/ui/useNow';
import { CALLS_OUT, Calls } from './Calls';
import { NodeFailures } from './Failures';
import classes from './LiveTab.module.css';
import { NodeChart } from './NodeChart';
import { PeopleAt } from './PeopleAt';
import { ThenAndNow } from './ThenAndNow';
import { useFailures } from './useRepair';
import { RANGE_WORDS } from './words';

export function NodePanel({ flow, node }: { flow: Flow; node: GraphNode }) {
  const { types } = useCanvas();
  const counts = useLive((state) => state.counts.nodes[node.id]);
  const arrived = useLive((state) => arrivedAt(node.id, state.counts.nodes, state.period));
  const pace = useLive((state) => state.pace[node.id] ?? 0);
  const group = types.get(node.type)?.group;
  const title = useTitleOf()(node);
  const here = counts?.here ?? 0;
  const failed = counts?.failed ?? 0;
  const failures = useFailures(flow.key, failed > 0);
  const walked = useWalked(flow.key, node.id, here > 0 && (flow.version ?? 0) > 1);

  return (
    <div className={classes.panel}>
      <div>
        <h2>{title}</h2>
        <p className={classes.about}>
          {group === 'end' ? (
            plural(arrived, {
              one: '# person left the flow here.',
              other: '# people left the flow here.',
            })
          ) : (
            <HereWords here={here} due={counts?.next_due ?? null} pace={pace} />
          )}
        </p>
      </div>
      {group !== 'end' && <Numbers id={node.id} />}
      <NodeChart id={node.id} />
      {failed > 0 && (
        <>
          <NodeFailures flow={flow} node={node} groups={failures.data ?? []} />
          <PeopleAt
            flow={flow}
            node={node.id}
            state="failed"
            count={failed}
            title={t`Who failed`}
          />
        </>
      )}
      {here > 0 && (
        <PeopleAt flow={flow} node={node.id} state="inside" count={here} title={t`People here`} />
      )}
      {CALLS_OUT.has(node.type) && <Calls flowKey={flow.key} node={node} />}
      <ThenAndNow flow={flow} node={node} walked={walked} />
    </div>
  );
}

/** arrived = here + went on + left, over all time; over a period, what happened in it. */
function Numbers({ id }: { id: string }) {
  const counts = useLive((state) => state.counts.nodes[id]);
  const arrived = useLive((state) => arrivedAt(id, state.counts.nodes, state.period));
  const period = useLive((state) =>
    state.period && state.period.range !== 'all' ? state.period : null,
  );
  const failed = counts?.failed ?? 0;
  const ever = counts ? wentOn(counts) : 0;
  const grown = Math.max(0, (counts?.left ?? 0) - (period?.base.nodes[id]?.left ?? 0));
  const onward = period ? (period.nodes[id]?.left ?? 0) + grown : ever;
  const left = Math.max(0, arrived - (counts?.here ?? 0) - onward - failed);
  return (
    <KeyNumbers>
      <KeyNumber
        value={arrived}
        label={<span title={RANGE_WORDS[period?.range ?? 'all']}>{t`arrived`}</span>}
      />
      <KeyNumber value={onward} label={t`went on`} />
      {failed > 0 ? (
        <KeyNumber value={failed} label={t`failed`} tone="bad" />
      ) : period ? (
        <KeyNumber value={counts?.here ?? 0} label={t`here now`} />
      ) : (
        <KeyNumber value={left} label={t`left`} />
      )}
    </KeyNumbers>
  );
}

/** Which versions people at a step walk, by the two hundred who came in last. */
function useWalked(key: string, node: string, enabled: boolean): readonly number[] {
  const { data } = useQuery({
    queryKey: ['flow-visits', key, 'walked', node],
    queryFn: () =>
      get<CursorPage<VisitRow>>(url`/api/flows/${key}/visits/`, {
        node,
        outcome: 'inside',
        limit: 200,
      }),
    select: ({ results }) => [...new Set(results.map(({ version }) => version))],
    staleTime: 30_000,
    enabled,
  });
  return data ?? NONE;
}

const NONE: readonly number[] = [];

interface HereProps {
  here: number;
  due: string | null;
  pace: number;
}

function HereWords({ here, due, pace }: HereProps) {
  const now = useNow();
  const seconds = due === null || here === 0 ? null : (new Date(due).getTime() - now) / 1000;
  const parts = [
    here === 0
      ? t`Nobody is here now.`
      : plural(here, { one: '# person is here.', other: '# people are here.' }),
    seconds !== null &&
      (seconds > 1 ? t`The next leaves in ${spanInWords(seconds)}.` : t`The next leaves now.`),
    pace > 0 && t`About ${number(pace)} a minute arrive.`,
  ];
  return <>{parts.filter(Boolean).join(' ')}</>;
}
