/** Beside the live canvas: the flow in numbers, or the chosen step and the people at it. */
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
import { number, plural, spanInWords } from '@/ui/format';
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
            `${plural(arrived, 'person', 'people')} left the flow here.`
          ) : (
            <HereWords here={here} due={counts?.next_due ?? null} />
          )}
        </p>
      </div>
      {type?.group !== 'end' && (
        <KeyNumbers>
          <KeyNumber value={arrived} label="arrived" />
          <KeyNumber value={onward} label="went on" />
          {failed > 0 ? (
            <KeyNumber value={failed} label="failed" tone="bad" />
          ) : (
            <KeyNumber value={Math.max(0, arrived - here - onward)} label="left" />
          )}
        </KeyNumbers>
      )}
      {failed > 0 && (
        <>
          <NodeFailures flow={flow} node={node} groups={failures.data ?? []} />
          <section>
            <h3>
              <span>Who failed</span>
              <span>since</span>
            </h3>
            <PeopleList flow={flow} visits={parked.data?.results ?? []} />
            {failed > SHOWN && (
              <Link
                to="/flows/$key"
                params={{ key: flow.key }}
                search={{ tab: 'people', node: node.id, outcome: 'failed' }}
                className={classes.more}
              >
                Show all {number(failed)}
              </Link>
            )}
          </section>
        </>
      )}
      {here > 0 && (
        <section>
          <h3>
            <span>
              People here <PersonMenu flow={flow} whom={everybodyAt(node.id, here)} />
            </span>
            <span>leaves</span>
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
          Show all {number(here)}
        </Link>
      )}
      {CALLS_OUT.has(node.type) && <Calls flowKey={flow.key} node={node} />}
    </div>
  );
}

const everybodyAt = (node: string, count: number): Whom => ({
  choose: { node },
  count,
  words: count === 1 ? 'who is here' : `all ${number(count)} who are here`,
  state: 'inside',
  node,
});

function HereWords({ here, due }: { here: number; due: string | null }) {
  const now = useNow();
  const start =
    here === 0 ? 'Nobody is here now.' : `${plural(here, 'person is', 'people are')} here.`;
  if (!due || here === 0) return <>{start}</>;
  const seconds = (new Date(due).getTime() - now) / 1000;
  return (
    <>
      {start} The next leaves {seconds > 1 ? `in ${spanInWords(seconds)}` : 'now'}.
    </>
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
                    arrived <TimeAgo at={visit.arrived_at ?? visit.entered_at} />
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
  draft: 'Who comes in',
  live: 'Who comes in',
  paused: 'Paused',
  archived: 'Archived',
};
const STATE_WORDS: Partial<Record<Flow['status'], string>> = {
  paused:
    'Nobody comes in and nobody goes on until it is resumed. Who reaches the goal or a way out still leaves.',
  archived: 'Nobody comes in any more, and whoever was inside has left.',
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
            `Whoever **${triggers || 'is added by hand'}** comes in. ${reentryWords(flow.live_settings?.reentry)}`
          }
        />
      </div>
      <KeyNumbers>
        <KeyNumber value={totals.inside} label="inside" />
        <KeyNumber value={totals.converted} label="converted" tone="accent" />
        <KeyNumber value={out - totals.converted} label="left" />
      </KeyNumbers>
      {totals.failed > 0 && (
        <FlowFailures flow={flow} groups={failures.data ?? []} onNode={onNode} />
      )}
      {(recent.data?.results.length ?? 0) > 0 ? (
        <section>
          <h3>
            <span>Inside now</span>
            <span>goes on</span>
          </h3>
          <PeopleList flow={flow} visits={recent.data?.results ?? []} />
        </section>
      ) : (
        recent.isSuccess &&
        totals.inside === 0 &&
        flow.status === 'live' && (
          <EmptyState compact title="Nobody is inside" text="Who comes in appears here at once." />
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
