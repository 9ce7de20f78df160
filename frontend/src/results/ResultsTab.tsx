/** What came of a flow: funnel, goal, tests, e-mails, drop-off, of those who entered in a period. */
import { t } from '@lingui/core/macro';
import { SegmentedControl, Select, Skeleton } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, url } from '@/api/client';
import type { FlowResults } from '@/api/types';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { useRuleChoices } from '@/segments/useRuleChoices';
import { EmptyState } from '@/ui/EmptyState';
import { percent, sentence } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { DropOff, Emails, Funnel } from './Bars';
import { Goal } from './Goal';
import classes from './Results.module.css';
import { Splits } from './Splits';

const RANGES = [
  { value: '1', label: t`1 day` },
  { value: '7', label: t`7 days` },
  { value: '30', label: t`30 days` },
  { value: '90', label: t`90 days` },
];
const DAYS = 30;
const DAY = 86_400_000;
const POLL = 15_000;

export function ResultsTab(props: TabProps) {
  const { flow, search, go, tab } = props;
  const days = search.days ?? DAYS;
  const { segment, version } = search;
  const choices = useRuleChoices();
  const query = { days, segment, version };
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['flow-results', flow.key, query],
    queryFn: () =>
      get<FlowResults>(url`/api/flows/${flow.key}/results/`, {
        from: new Date(Date.now() - days * DAY).toISOString(),
        segment,
        version,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL,
    enabled: flow.version !== null,
    retry: false,
  });
  const versions = useMemo(
    () =>
      Array.from({ length: flow.version ?? 0 }, (_, i) => ({
        value: String(i + 1),
        label: t`Version ${i + 1}`,
      })).reverse(),
    [flow.version],
  );
  const filter = (change: Partial<typeof search>) => {
    const next = { tab, days: search.days, segment, version, ...change };
    go(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)));
  };

  return (
    <FlowFrame {...props}>
      <div className={classes.page}>
        <div className={classes.filters}>
          <SegmentedControl
            aria-label={t`Who entered in the last`}
            data={RANGES}
            value={String(days)}
            onChange={(value) => filter({ days: Number(value) })}
          />
          <Select
            aria-label={t`Segment`}
            placeholder={t`Everybody`}
            clearable
            searchable
            data={choices.segments.map(({ key, name }) => ({ value: key, label: name }))}
            value={segment ?? null}
            onChange={(value) => filter({ segment: value ?? undefined })}
          />
          {versions.length > 1 && (
            <Select
              aria-label={t`Version`}
              placeholder={t`All versions`}
              clearable
              data={versions}
              value={version ? String(version) : null}
              onChange={(value) => filter({ version: value ? Number(value) : undefined })}
            />
          )}
        </div>
        {flow.version === null && (
          <EmptyState
            icon={<IconChartBar size={22} />}
            title={t`No results yet`}
            text={t`When this flow is published and people come in, what came of it is shown here.`}
          />
        )}
        {error && !data && (
          <EmptyState title={t`The results cannot be shown`} text={sentence(error.message)} />
        )}
        {!data && !error && flow.version !== null && <Skeleton height={320} />}
        {data?.entered === 0 && (
          <EmptyState
            icon={<IconChartBar size={22} />}
            title={t`Nobody entered in this period`}
            text={
              segment || version
                ? t`Choose a longer period, another version, or everybody.`
                : t`Choose a longer period, or wait until people come in.`
            }
          />
        )}
        {data && data.entered > 0 && <Shown results={data} stale={isPlaceholderData} />}
      </div>
    </FlowFrame>
  );
}

function Shown({ results, stale }: { results: FlowResults; stale: boolean }) {
  const { entered, inside, outcomes, goal } = results;
  const failed = outcomes.failed ?? 0;
  return (
    <div className={classes.shown} data-stale={stale || undefined}>
      <KeyNumbers>
        <KeyNumber value={entered} label={t`entered`} />
        <KeyNumber value={inside} label={t`still inside`} />
        {goal && (
          <KeyNumber
            value={percent(goal.reached, entered)}
            label={t`reached the goal`}
            tone="accent"
          />
        )}
        <KeyNumber value={outcomes.completed ?? 0} label={t`came to an end`} />
        <KeyNumber value={outcomes.exited ?? 0} label={t`taken out`} />
        {failed > 0 && <KeyNumber value={failed} label={t`failed`} tone="bad" />}
      </KeyNumbers>
      <Funnel results={results} />
      <Goal goal={goal} />
      <Splits splits={results.splits} />
      <Emails emails={results.emails} />
      <DropOff results={results} />
    </div>
  );
}
