/** The draft on a past period of real contacts and events, beside the live version. */
import { Button, Group, Progress, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { get, post, url } from '@/api/client';
import type { Backtest, BacktestOutcome, Flow } from '@/api/types';
import { useCanvasState } from '@/canvas/context';
import { trialCounts } from '@/model/trial';
import { SegmentPicker } from '@/nodes/fields/pickers';
import { exactInstant, number, percent, shortInstant } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import type { Shown } from './TryTab';
import classes from './trial.module.css';

const DAYS = [7, 30, 90, 180, 365];
const USUAL_DAYS = 90;
const POLL = 1_500;

const isOpen = ({ status }: Backtest): boolean => status === 'queued' || status === 'running';

interface BacktestPanelProps {
  flow: Flow;
  onShow: (shown: Shown) => void;
}

export function BacktestPanel({ flow, onShow }: BacktestPanelProps) {
  const client = useQueryClient();
  const graph = useCanvasState((state) => state.graph);
  const [days, setDays] = useState(USUAL_DAYS);
  const [segment, setSegment] = useState<string | undefined>();
  const [chosen, setChosen] = useState<number | null>(null);
  const key = ['backtests', flow.key];
  const list = useQuery({
    queryKey: key,
    queryFn: () => get<Backtest[]>(url`/api/flows/${flow.key}/backtests/`),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? POLL : 15_000),
  });
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const start = useMutation({
    mutationFn: () =>
      post(url`/api/flows/${flow.key}/backtest/`, { days, ...(segment && { segment }) }),
    onSuccess: () => {
      setChosen(null);
      void refresh();
    },
    onError: (error) => toastError(error, 'It was not begun'),
  });
  const cancel = useMutation({
    mutationFn: (job: string) => post(url`/api/jobs/${job}/cancel/`),
    onSettled: refresh,
    onError: (error) => toastError(error, 'It was not stopped'),
  });
  const tests = list.data ?? [];
  const running = tests.find(isOpen);
  const shown = tests.find((each) => each.id === chosen) ?? tests.find((each) => each.result);
  const result = shown?.result;

  const counts = useMemo(
    () => (result ? trialCounts(result, graph, flow.live_graph) : undefined),
    [result, graph, flow.live_graph],
  );
  useEffect(() => onShow({ counts }), [counts, onShow]);

  return (
    <>
      <section className={classes.section} aria-label="Which period">
        <h2>What if the draft had been live?</h2>
        <p className={classes.hint}>
          Real contacts and events of the past go through the draft, and through the live version
          beside it. Nothing leaves this machine.
        </p>
        <Select
          label="Period"
          data={DAYS.map((each) => ({ value: String(each), label: `the last ${each} days` }))}
          value={String(days)}
          allowDeselect={false}
          onChange={(next) => setDays(Number(next ?? USUAL_DAYS))}
          comboboxProps={{ shadow: 'md' }}
        />
        <SegmentPicker label="With" none="everybody" value={segment} onChange={setSegment} />
        <GuardedButton
          loading={start.isPending}
          because={running ? 'One is running already.' : null}
          onClick={() => start.mutate()}
        >
          Begin
        </GuardedButton>
      </section>
      {running && (
        <section className={classes.section} aria-label="Running">
          <Progress value={running.percent} animated size={6} aria-label="How far it is" />
          <Group justify="space-between">
            <span className={classes.hint}>
              {running.status === 'queued' ? 'Waits for its turn' : `${running.percent} %`}
            </span>
            {running.job && (
              <Button
                variant="subtle"
                size="compact-xs"
                loading={cancel.isPending}
                onClick={() => running.job && cancel.mutate(running.job)}
              >
                Cancel
              </Button>
            )}
          </Group>
        </section>
      )}
      {list.error && <p className={classes.bad}>{list.error.message}</p>}
      {shown && <Outcome test={shown} />}
      {tests.length > 1 && (
        <Select
          label="Earlier ones"
          data={tests.map((each) => ({
            value: String(each.id),
            label: `${each.days} days, ${shortInstant(each.created_at)}${each.result ? '' : ` (${each.status})`}`,
          }))}
          value={shown ? String(shown.id) : null}
          onChange={(next) => setChosen(next ? Number(next) : null)}
          comboboxProps={{ shadow: 'md' }}
        />
      )}
    </>
  );
}

const ROWS: [key: keyof BacktestOutcome, label: string][] = [
  ['entered', 'came in'],
  ['goal', 'reached the goal'],
  ['completed', 'came to the end'],
  ['exited', 'left on the way'],
  ['inside', 'inside at the end'],
  ['failed', 'failed'],
  ['emails', 'e-mails'],
];

function Outcome({ test }: { test: Backtest }) {
  const { result, status, error } = test;
  if (!result) {
    return status === 'failed' ? (
      <p className={classes.bad} role="alert">
        {error || 'It failed.'}
      </p>
    ) : null;
  }
  const { draft, live } = result;
  return (
    <section className={classes.section} aria-label="What would have come of it">
      <h2>What would have come of it</h2>
      <p className={classes.hint}>
        <span title={`${exactInstant(test.from)} to ${exactInstant(test.to)}`}>
          The {test.days} days before {shortInstant(test.to)}
        </span>
        , tried <TimeAgo at={test.created_at} />
      </p>
      <table className={classes.outcomes}>
        <thead>
          <tr>
            <th>
              <span className="sr-only">What</span>
            </th>
            <th scope="col">Draft</th>
            {live && <th scope="col">Live</th>}
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([key, label]) => (
            <tr key={key} data-bad={(key === 'failed' && draft.failed > 0) || undefined}>
              <th scope="row">{label}</th>
              <td>{number(Number(draft[key]))}</td>
              {live && <td>{number(Number(live[key]))}</td>}
            </tr>
          ))}
          <tr>
            <th scope="row">converted</th>
            <td>{percent(draft.goal, draft.entered)}</td>
            {live && <td>{percent(live.goal, live.entered)}</td>}
          </tr>
        </tbody>
      </table>
      <EmailDays days={draft.emails_by_day} />
      {test.notes.map((note) => (
        <p key={note} className={classes.hint}>
          {note}
        </p>
      ))}
    </section>
  );
}

/** E-mails of each day as bars; the numbers on hover. */
function EmailDays({ days }: { days: BacktestOutcome['emails_by_day'] }) {
  const most = Math.max(0, ...days.map(({ n }) => n));
  if (most === 0) return null;
  return (
    <figure className={classes.days}>
      <figcaption className={classes.hint}>
        E-mails a day, {number(most)} at most, by the draft
      </figcaption>
      <div aria-hidden>
        {days.map(({ day, n }) => (
          <span
            key={day}
            title={`${day}: ${number(n)}`}
            style={{ height: `${(100 * n) / most}%` }}
          />
        ))}
      </div>
    </figure>
  );
}
