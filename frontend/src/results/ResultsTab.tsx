/** What came of a flow: funnel, goal, tests, e-mails, drop-off, of those who entered in a period. */
import { t } from '@lingui/core/macro';
import { SegmentedControl, Select, Skeleton, TextInput } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, url } from '@/api/client';
import type { Flow, FlowResults } from '@/api/types';
import type { FlowSearch } from '@/app/router';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { useTitleIn } from '@/canvas/useTitles';
import { useRuleChoices } from '@/segments/useRuleChoices';
import { EmptyState } from '@/ui/EmptyState';
import { percent, sentence } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { DropOff, Emails, Funnel } from './Bars';
import { localDay, periodOfDays } from './figures';
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
const OWN = 'own';

type Filter = Pick<FlowSearch, 'days' | 'from' | 'to' | 'segment' | 'version'>;

/** The period as instants. A day that is yet to be filled in is the other one's. */
function instants({ days = DAYS, from, to }: Filter): { from: string; to?: string } {
  const [first, last] = [from ?? to, to ?? from];
  if (!first || !last) return { from: new Date(Date.now() - days * DAY).toISOString() };
  return periodOfDays(...(first <= last ? ([first, last] as const) : ([last, first] as const)));
}

export function ResultsTab(props: TabProps) {
  const { flow, search, go, tab } = props;
  const { days, from, to, segment, version } = search;
  const filter: Filter = { days, from, to, segment, version };
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['flow-results', flow.key, filter],
    queryFn: () =>
      get<FlowResults>(url`/api/flows/${flow.key}/results/`, {
        ...instants(filter),
        segment,
        version,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL,
    enabled: flow.version !== null,
    retry: false,
  });
  const change = (part: Filter) => {
    const next = { tab, ...filter, ...part };
    go(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)));
  };

  return (
    <FlowFrame {...props}>
      <div className={classes.page}>
        <Filters flow={flow} filter={filter} onChange={change} />
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
        {data && data.entered > 0 && <Shown flow={flow} results={data} stale={isPlaceholderData} />}
      </div>
    </FlowFrame>
  );
}

interface FiltersProps {
  flow: Flow;
  filter: Filter;
  onChange: (part: Filter) => void;
}

function Filters({ flow, filter, onChange }: FiltersProps) {
  const { days = DAYS, from, to, segment, version } = filter;
  const choices = useRuleChoices();
  const own = from !== undefined || to !== undefined;
  const today = localDay(new Date());
  const range = (value: string) =>
    value === OWN
      ? onChange({
          days: undefined,
          from: localDay(new Date(Date.now() - days * DAY)),
          to: today,
        })
      : onChange({ days: Number(value), from: undefined, to: undefined });
  const versions = Array.from({ length: flow.version ?? 0 }, (_, i) => ({
    value: String(i + 1),
    label: t`Version ${i + 1}`,
  })).reverse();
  return (
    <div className={classes.filters}>
      <SegmentedControl
        aria-label={t`Who entered in the last`}
        data={[...RANGES, { value: OWN, label: t`From … to` }]}
        value={own ? OWN : String(days)}
        onChange={range}
      />
      {own && (
        <span className={classes.days}>
          <TextInput
            type="date"
            aria-label={t`Entered from`}
            value={from ?? ''}
            max={to ?? today}
            onChange={(event) => onChange({ from: event.currentTarget.value || undefined })}
          />
          <span aria-hidden>–</span>
          <TextInput
            type="date"
            aria-label={t`Entered up to and with`}
            value={to ?? ''}
            min={from}
            max={today}
            onChange={(event) => onChange({ to: event.currentTarget.value || undefined })}
          />
        </span>
      )}
      <Select
        aria-label={t`Segment`}
        placeholder={t`Everybody`}
        clearable
        searchable
        data={choices.segments.map(({ key, name }) => ({ value: key, label: name }))}
        value={segment ?? null}
        onChange={(value) => onChange({ segment: value ?? undefined })}
      />
      {versions.length > 1 && (
        <Select
          aria-label={t`Version`}
          placeholder={t`All versions`}
          clearable
          data={versions}
          value={version ? String(version) : null}
          onChange={(value) => onChange({ version: value ? Number(value) : undefined })}
        />
      )}
    </div>
  );
}

interface ShownProps {
  flow: Flow;
  results: FlowResults;
  stale: boolean;
}

function Shown({ flow, results: given, stale }: ShownProps) {
  const results = useNamed(flow, given);
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
        <KeyNumber
          value={(outcomes.completed ?? 0) + (outcomes.exited ?? 0)}
          label={goal ? t`left without it` : t`left`}
        />
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

/** The results with the steps called as on their cards; those of earlier versions keep their type. */
function useNamed(flow: Flow, results: FlowResults): FlowResults {
  const title = useTitleIn(flow.live_graph);
  return useMemo(() => {
    const named = <T extends { node: string; title: string }>(rows: T[]): T[] =>
      rows.map((row) => {
        const own = title(row.node);
        return own === row.node ? row : { ...row, title: own };
      });
    return {
      ...results,
      funnel: named(results.funnel),
      splits: named(results.splits),
      emails: named(results.emails),
      drop_off: named(results.drop_off),
    };
  }, [results, title]);
}
