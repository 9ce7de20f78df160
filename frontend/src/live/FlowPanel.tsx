/** Beside the live canvas while no step is chosen: the flow in numbers, who fails, who is inside. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Flow, Graph } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { type Period, totalOf } from '@/model/course';
import { reentryWords } from '@/model/settingsWords';
import { kindOf } from '@/nodes/registry';
import { EmptyState } from '@/ui/EmptyState';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { Sentence } from '@/ui/Sentence';
import { TimeAgo } from '@/ui/TimeAgo';
import { FlowFailures } from './Failures';
import classes from './LiveTab.module.css';
import { PeopleAt } from './PeopleAt';
import { useFailures } from './useRepair';

const STATE_TITLES: Record<Flow['status'], string> = {
  draft: t`Who comes in`,
  live: t`Who comes in`,
  paused: t`Paused`,
  archived: t`Archived`,
};
const STATE_WORDS: Partial<Record<Flow['status'], string>> = {
  paused: t`Nobody comes in and nobody goes on until it is resumed. Who reaches the goal or a way out still leaves.`,
  archived: t`Nobody comes in any more, and whoever was inside has left.`,
};

/** What the panel says while no step is chosen: the whole, and who is failing. */
export function FlowPanel({
  flow,
  graph,
  onNode,
}: {
  flow: Flow;
  graph: Graph;
  onNode: (node: string) => void;
}) {
  const totals = useLive((state) => state.counts.totals);
  const period = useLive((state) => state.period);
  const known = useLive((state) => state.counts.seq >= 0);
  const triggers = useTriggerWords(graph);
  const failures = useFailures(flow.key, totals.failed > 0);
  const of = (what: keyof Period['totals']) => totalOf(what, totals, period);
  const left = of('completed') + of('exited');

  return (
    <div className={classes.panel}>
      <div>
        {flow.alert && (
          <p role="alert" className={classes.alert}>
            {flow.alert}
          </p>
        )}
        <h2>{STATE_TITLES[flow.status]}</h2>
        <Sentence
          size="text"
          text={
            STATE_WORDS[flow.status] ??
            t`Whoever **${triggers || t`is added by hand`}** comes in. ${reentryWords(flow.live_settings?.reentry)}`
          }
        />
      </div>
      <KeyNumbers>
        <KeyNumber value={totals.inside} label={t`inside`} />
        <KeyNumber value={of('converted')} label={t`converted`} tone="accent" />
        <KeyNumber value={left} label={t`left`} />
      </KeyNumbers>
      <Since />
      {totals.failed > 0 && (
        <FlowFailures flow={flow} groups={failures.data ?? []} onNode={onNode} />
      )}
      {totals.inside > 0 && (
        <PeopleAt flow={flow} state="inside" count={totals.inside} title={t`Inside now`} />
      )}
      {totals.inside === 0 && known && flow.status === 'live' && (
        <EmptyState
          compact
          title={t`Nobody is inside`}
          text={t`Who comes in appears here at once.`}
        />
      )}
    </div>
  );
}

/** Where the figures begin later than the period. */
function Since() {
  const since = useLive((state) =>
    state.period && state.period.range !== 'all' ? state.period.since : null,
  );
  if (!since) return null;
  return (
    <p className={classes.about}>
      <Trans>
        There are figures from <TimeAgo at={since} /> on.
      </Trans>
    </p>
  );
}

function useTriggerWords(graph: Graph): string {
  const { names, types } = useCanvas();
  const titles = graph.nodes
    .filter((node) => types.get(node.type)?.group === 'trigger')
    .map((node) => kindOf(node.type).words(node.config, names).title)
    .map((title) => title.charAt(0).toLowerCase() + title.slice(1));
  return [...new Set(titles)].join(t({ message: '** or **', context: 'between ways into a flow' }));
}
