/** The draft on a past period of real contacts and events, beside the live version. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Progress, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { get, post, url } from '@/api/client';
import type { Backtest, Flow } from '@/api/types';
import { useCanvasState } from '@/canvas/context';
import { type TrialCounts, trialCounts } from '@/model/trial';
import { SegmentPicker } from '@/nodes/fields/pickers';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import { BacktestOutcomes } from './BacktestOutcomes';
import classes from './trial.module.css';

const DAYS = [7, 30, 90, 180, 365];
const USUAL_DAYS = 90;
const POLL = 1_500;

const isOpen = ({ status }: Backtest): boolean => status === 'queued' || status === 'running';

interface BacktestPanelProps {
  flow: Flow;
  /** The backtest that is looked at; null: the newest that has a result. */
  chosen: number | null;
  onChoose: (id: number | null) => void;
  onCounts: (counts: ReadonlyMap<string, TrialCounts> | undefined) => void;
}

export function BacktestPanel({ flow, chosen, onChoose, onCounts }: BacktestPanelProps) {
  const client = useQueryClient();
  const graph = useCanvasState((state) => state.graph);
  const [days, setDays] = useState(USUAL_DAYS);
  const [segment, setSegment] = useState<string | undefined>();
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
      onChoose(null);
      void refresh();
    },
    onError: (error) => toastError(error, t`It was not begun`),
  });
  const cancel = useMutation({
    mutationFn: (job: string) => post(url`/api/jobs/${job}/cancel/`),
    onSettled: refresh,
    onError: (error) => toastError(error, t`It was not stopped`),
  });
  const tests = list.data ?? [];
  const running = tests.find(isOpen);
  const shown = tests.find((each) => each.id === chosen) ?? tests.find((each) => each.result);
  const result = shown?.result;

  const counts = useMemo(
    () => (result ? trialCounts(result, graph, flow.live_graph) : undefined),
    [result, graph, flow.live_graph],
  );
  useEffect(() => onCounts(counts), [counts, onCounts]);

  return (
    <>
      <section className={classes.section} aria-label={t`Which period`}>
        <h2>
          <Trans>What if the draft had been live?</Trans>
        </h2>
        <p className={classes.hint}>
          <Trans>
            Real contacts and events of the past go through the draft, and through the live version
            beside it. Nothing leaves this machine.
          </Trans>
        </p>
        <Select
          label={t`Period`}
          data={DAYS.map((each) => ({ value: String(each), label: t`the last ${each} days` }))}
          value={String(days)}
          allowDeselect={false}
          onChange={(next) => setDays(Number(next ?? USUAL_DAYS))}
          comboboxProps={{ shadow: 'md' }}
        />
        <SegmentPicker label={t`With`} none="everybody" value={segment} onChange={setSegment} />
        <GuardedButton
          loading={start.isPending}
          because={running ? t`One is running already.` : null}
          onClick={() => start.mutate()}
        >
          <Trans>Begin</Trans>
        </GuardedButton>
      </section>
      {running && (
        <section className={classes.section} aria-label={t`Running`}>
          <Progress value={running.percent} animated size={6} aria-label={t`How far it is`} />
          <Group justify="space-between">
            <span className={classes.hint}>
              {running.status === 'queued' ? t`Waits for its turn` : `${running.percent} %`}
            </span>
            {running.job && (
              <Button
                variant="subtle"
                size="compact-xs"
                loading={cancel.isPending}
                onClick={() => running.job && cancel.mutate(running.job)}
              >
                <Trans>Cancel</Trans>
              </Button>
            )}
          </Group>
        </section>
      )}
      {list.error && <p className={classes.bad}>{list.error.message}</p>}
      {shown && <BacktestOutcomes test={shown} />}
      {list.data?.length === 0 && (
        <EmptyState
          compact
          title={t`Nothing was tried yet`}
          text={t`Begin one: you will see on the canvas who would have come where, and what would have been sent.`}
        />
      )}
      {tests.length > 0 && <Earlier tests={tests} shown={shown?.id} onChoose={onChoose} />}
    </>
  );
}

const STATUS: Record<Backtest['status'], string> = {
  queued: 'waits',
  running: 'running',
  done: '',
  failed: 'failed',
  cancelled: 'cancelled',
};

interface EarlierProps {
  tests: Backtest[];
  shown: number | undefined;
  onChoose: (id: number) => void;
}

/** All there were, the newest first: each has an address of its own. */
function Earlier({ tests, shown, onChoose }: EarlierProps) {
  return (
    <section className={classes.section} aria-label={t`Backtests`}>
      <h2>
        <Trans>Backtests</Trans>
      </h2>
      <ul className={classes.tests}>
        {tests.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              aria-pressed={each.id === shown}
              onClick={() => onChoose(each.id)}
            >
              <span>
                <Trans>
                  {each.days} days{each.segment ? `, ${each.segment}` : ''}
                  {STATUS[each.status] && <em>{STATUS[each.status]}</em>}
                </Trans>
              </span>
              <TimeAgo at={each.created_at} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
