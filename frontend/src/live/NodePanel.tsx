/** Beside the live canvas: the flow in numbers, or the chosen step and the people at it. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get, url } from '@/api/client';
import type { CursorPage, Flow, Graph, GraphNode, VisitRow } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { useTitleOf } from '@/canvas/useTitles';
import { wentOn } from '@/model/counts';
import { reentryWords } from '@/model/settingsWords';
import { kindOf } from '@/nodes/registry';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { number, spanInWords } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { Sentence } from '@/ui/Sentence';
import { TimeAgo } from '@/ui/TimeAgo';
import { useNow } from '@/ui/useNow';
import { CALLS_OUT, Calls } from './Calls';
import { FlowFailures, NodeFailures } from './Failures';
import classes from './LiveTab.module.css';
import { PersonMenu } from './PersonMenu';
import { type Whom, whomOf } from './usePeopleActions';
import { useFailures } from './useRepair';

const SHOWN = 12;

function useVisits(key: string, node: string | undefined, outcome: string) {
  return useQuery({
    queryKey: ['flow-visits', key, 'panel', node, outcome],
    queryFn: () =>
      get<CursorPage<VisitRow>>(url`/api/flows/${key}/visits/`, { node, outcome, limit: SHOWN }),
    refetchInterval: 3_000,
    placeholderData: (before) => before,
  });
}

export function NodePanel({ flow, node }: { flow: Flow; node: GraphNode }) {
  const { types } = useCanvas();
  const counts = useLive((state) => state.counts.nodes[node.id]);
  const type = types.get(node.type);
  const title = useTitleOf()(node);
  const here = counts?.here ?? 0;
  const failed = counts?.failed ?? 0;
  const arrived = counts?.entered ?? 0;
  const onward = counts ? wentOn(counts) : 0;
  const people = useVisits(flow.key, node.id, 'inside');
  const parked = useVisits(flow.key, node.id, 'failed');
  const failures = useFailures(flow.key, failed > 0);

  return (
    <div className={classes.panel}>
      <div>
        <h2>{title}</h2>
        <p className={classes.about}>
          {type?.group === 'end' ? (
            t`${plural(arrived, { one: '# person', other: '# people' })} left the flow here.`
          ) : (
            <HereWords here={here} due={counts?.next_due ?? null} />
          )}
        </p>
      </div>
      {type?.group !== 'end' && (
        <KeyNumbers>
          <KeyNumber value={arrived} label={t`arrived`} />
          <KeyNumber value={onward} label={t`went on`} />
          {failed > 0 ? (
            <KeyNumber value={failed} label={t`failed`} tone="bad" />
          ) : (
            <KeyNumber value={Math.max(0, arrived - here - onward)} label={t`left`} />
          )}
        </KeyNumbers>
      )}
      {failed > 0 && (
        <>
          <NodeFailures flow={flow} node={node} groups={failures.data ?? []} />
          <section>
            <h3>
              <span>
                <Trans>Who failed</Trans>
              </span>
              <span>
                <Trans>since</Trans>
              </span>
            </h3>
            <PeopleList flow={flow} visits={parked.data?.results ?? []} />
            {failed > SHOWN && (
              <Link
                to="/flows/$key"
                params={{ key: flow.key }}
                search={{ tab: 'people', node: node.id, outcome: 'failed' }}
                className={classes.more}
              >
                <Trans>Show all {number(failed)}</Trans>
              </Link>
            )}
          </section>
        </>
      )}
      {here > 0 && (
        <section>
          <h3>
            <span>
              <Trans>
                People here <PersonMenu flow={flow} whom={everybodyAt(node.id, here)} />
              </Trans>
            </span>
            <span>
              <Trans>leaves</Trans>
            </span>
          </h3>
          <PeopleList flow={flow} visits={people.data?.results ?? []} />
        </section>
      )}
      {here > SHOWN && (
        <Link
          to="/flows/$key"
          params={{ key: flow.key }}
          search={{ tab: 'people', node: node.id, outcome: 'inside' }}
          className={classes.more}
        >
          <Trans>Show all {number(here)}</Trans>
        </Link>
      )}
      {CALLS_OUT.has(node.type) && <Calls flowKey={flow.key} node={node} />}
    </div>
  );
}

const everybodyAt = (node: string, count: number): Whom => ({
  choose: { node },
  count,
  words: count === 1 ? t`who is here` : t`all ${number(count)} who are here`,
  state: 'inside',
  node,
});

function HereWords({ here, due }: { here: number; due: string | null }) {
  const now = useNow();
  const start =
    here === 0
      ? t`Nobody is here now.`
      : `${plural(here, { one: '# person is', other: '# people are' })} here.`;
  if (!due || here === 0) return <>{start}</>;
  const seconds = (new Date(due).getTime() - now) / 1000;
  return (
    <Trans>
      {start} The next leaves {seconds > 1 ? t`in ${spanInWords(seconds)}` : t`now`}.
    </Trans>
  );
}

function PeopleList({ flow, visits }: { flow: Flow; visits: VisitRow[] }) {
  return (
    <ul className={classes.people}>
      {visits.map((visit) => {
        const name = contactName(visit.contact);
        return (
          <li key={visit.id}>
            <Link to="/contacts/$id" params={{ id: String(visit.contact.id) }}>
              <Avatar name={name} />
              <span className={classes.person}>
                <strong>{name}</strong>
                {visit.error ? (
                  <small className={classes.error} title={visit.error}>
                    {visit.error}
                  </small>
                ) : (
                  <small>
                    <Trans>
                      arrived <TimeAgo at={visit.arrived_at ?? visit.entered_at} />
                    </Trans>
                  </small>
                )}
              </span>
              {visit.outcome === 'failed' ? (
                <TimeAgo at={visit.failed_at ?? visit.arrived_at} />
              ) : (
                visit.until && <TimeAgo at={visit.until} />
              )}
            </Link>
            <PersonMenu flow={flow} whom={whomOf([visit])} />
          </li>
        );
      })}
    </ul>
  );
}

const STATE_TITLES: Record<Flow['status'], string> = {
  draft: t`Who comes in`,
  live: t`Who comes in`,
  paused: 'Paused',
  archived: 'Archived',
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
  const recent = useVisits(flow.key, undefined, 'inside');
  const triggers = useTriggerWords(graph);
  const failures = useFailures(flow.key, totals.failed > 0);
  const out = totals.completed + totals.exited + totals.converted;

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
            t`Whoever **${triggers || 'is added by hand'}** comes in. ${reentryWords(flow.live_settings?.reentry)}`
          }
        />
      </div>
      <KeyNumbers>
        <KeyNumber value={totals.inside} label={t`inside`} />
        <KeyNumber value={totals.converted} label={t`converted`} tone="accent" />
        <KeyNumber value={out - totals.converted} label={t`left`} />
      </KeyNumbers>
      {totals.failed > 0 && (
        <FlowFailures flow={flow} groups={failures.data ?? []} onNode={onNode} />
      )}
      {(recent.data?.results.length ?? 0) > 0 ? (
        <section>
          <h3>
            <span>
              <Trans>Inside now</Trans>
            </span>
            <span>
              <Trans>goes on</Trans>
            </span>
          </h3>
          <PeopleList flow={flow} visits={recent.data?.results ?? []} />
        </section>
      ) : (
        recent.isSuccess &&
        totals.inside === 0 &&
        flow.status === 'live' && (
          <EmptyState
            compact
            title={t`Nobody is inside`}
            text={t`Who comes in appears here at once.`}
          />
        )
      )}
    </div>
  );
}

function useTriggerWords(graph: Graph): string {
  const { names, types } = useCanvas();
  return graph.nodes
    .filter((node) => types.get(node.type)?.group === 'trigger')
    .map((node) => kindOf(node.type).words(node.config, names).title)
    .map((title) => title.charAt(0).toLowerCase() + title.slice(1))
    .join('** or **');
}
