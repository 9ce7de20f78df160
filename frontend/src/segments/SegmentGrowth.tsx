/** The tab "Growth": how the size went, who joined and left each day, and the joins to come. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { SegmentedControl, Skeleton } from '@mantine/core';
import { IconChartLine, IconHourglassEmpty } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { get, url } from '@/api/client';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number, sentence } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { longDay } from './growth/days';
import classes from './growth/Growth.module.css';
import { JoinsChart } from './growth/JoinsChart';
import { SizeChart } from './growth/SizeChart';
import type { Forecast, GrowthDay, Segment } from './types';

const RANGES = [
  { value: '30', label: t`30 days` },
  { value: '90', label: t`90 days` },
  { value: '365', label: t`A year` },
];
const AHEAD = [
  { value: '7', label: t`7 days` },
  { value: '30', label: t`30 days` },
  { value: '90', label: t`90 days` },
];
const SHOWN = [
  { value: 'chart', label: t`Chart` },
  { value: 'table', label: t`Table` },
];

/** A chart moves slowly: its days change at midnight, its last one with every join. */
const POLL = 30_000;

export function SegmentGrowth({ segment }: { segment: Segment }) {
  return (
    <div className={classes.page}>
      <Sizes segment={segment} />
      <Joins segment={segment} />
    </div>
  );
}

function Sizes({ segment }: { segment: Segment }) {
  const [range, setRange] = useState('90');
  const [shown, setShown] = useState('chart');
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['segment', segment.key, 'growth', range],
    queryFn: () =>
      get<{ days: GrowthDay[] }>(url`/api/segments/${segment.key}/growth/`, { days: range }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL,
  });
  const days = data?.days ?? [];
  const joined = days.reduce((sum, day) => sum + day.joined, 0);
  const left = days.reduce((sum, day) => sum + day.left, 0);
  const empty = data && days.every((day) => day.size === 0 && day.joined === 0 && day.left === 0);
  const span = plural(days.length, { one: '# day', other: '# days' });
  return (
    <Card
      title={t`Size`}
      tools={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t`How it is shown`}
            data={SHOWN}
            value={shown}
            onChange={setShown}
          />
          <SegmentedControl
            size="xs"
            aria-label={t`How far back`}
            data={RANGES}
            value={range}
            onChange={setRange}
          />
        </>
      }
      busy={!data && !error}
      stale={isPlaceholderData}
    >
      {error && !data && (
        <EmptyState compact title={t`This could not be loaded`} text={sentence(error.message)} />
      )}
      {empty && (
        <EmptyState
          compact
          icon={<IconChartLine size={22} />}
          title={t`Nobody has been in it so far`}
          text={t`As soon as people join, their number is drawn here day by day.`}
        />
      )}
      {data && !empty && (
        <>
          <KeyNumbers>
            <KeyNumber value={segment.size} label={t`people now`} />
            <KeyNumber
              value={`+ ${number(joined)}`}
              label={t`joined in ${span}`}
              tone={joined ? 'accent' : undefined}
            />
            <KeyNumber value={`− ${number(left)}`} label={t`left in ${span}`} />
            <KeyNumber value={signed(joined - left)} label={t`on balance`} />
          </KeyNumbers>
          {shown === 'chart' ? <SizeChart days={days} /> : <DayTable days={days} />}
        </>
      )}
    </Card>
  );
}

const signed = (value: number): string =>
  value === 0 ? '± 0' : `${value > 0 ? '+' : '−'} ${number(Math.abs(value))}`;

const COLUMNS: Column<GrowthDay>[] = [
  { key: 'day', header: t`Day`, width: 'minmax(0, 1fr)', render: ({ day }) => longDay(day) },
  {
    key: 'size',
    header: t`People`,
    width: '84px',
    align: 'right',
    render: ({ size }) => number(size),
  },
  {
    key: 'joined',
    header: t`Joined`,
    width: '72px',
    align: 'right',
    render: ({ joined }) => (joined ? `+ ${number(joined)}` : '0'),
  },
  {
    key: 'left',
    header: t`Left`,
    width: '72px',
    align: 'right',
    render: ({ left }) => (left ? `− ${number(left)}` : '0'),
  },
];

function DayTable({ days }: { days: readonly GrowthDay[] }) {
  return (
    <div className={classes.table}>
      <DataTable
        label={t`Size by day`}
        columns={COLUMNS}
        rows={[...days].reverse()}
        rowKey={({ day }) => day}
        rowHeight={34}
      />
    </div>
  );
}

function Joins({ segment }: { segment: Segment }) {
  const [ahead, setAhead] = useState('30');
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['segment', segment.key, 'forecast', ahead],
    queryFn: () => get<Forecast>(url`/api/segments/${segment.key}/forecast/`, { days: ahead }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return (
    <Card
      title={t`Joins to come`}
      tools={
        data?.enough !== false && (
          <SegmentedControl
            size="xs"
            aria-label={t`How far ahead`}
            data={AHEAD}
            value={ahead}
            onChange={setAhead}
          />
        )
      }
      busy={!data && !error}
      stale={isPlaceholderData}
    >
      {error && !data && (
        <EmptyState compact title={t`This could not be loaded`} text={sentence(error.message)} />
      )}
      {data && !data.enough && (
        <EmptyState
          compact
          icon={<IconHourglassEmpty size={22} />}
          title={t`Not enough history yet`}
          text={sentence(data.sentence)}
        />
      )}
      {data?.enough && (
        <>
          <p className={classes.sentence}>{sentence(data.sentence)}</p>
          <JoinsChart forecast={data} />
          <p className={classes.note}>
            <Trans>
              The band holds {Math.round(100 * data.confidence)} of 100 days, if things go on as
              they did. It knows nothing of a campaign that begins tomorrow, or of an edit of the
              rule.
            </Trans>
          </p>
        </>
      )}
    </Card>
  );
}

interface CardProps {
  title: string;
  tools: ReactNode;
  busy: boolean;
  stale: boolean;
  children: ReactNode;
}

function Card({ title, tools, busy, stale, children }: CardProps) {
  return (
    <section className={classes.card} aria-busy={busy || undefined} data-stale={stale || undefined}>
      <header>
        <h2>{title}</h2>
        <div className={classes.tools}>{tools}</div>
      </header>
      {busy && (
        <>
          <Skeleton height={58} />
          <Skeleton height={220} mt={16} />
        </>
      )}
      {children}
    </section>
  );
}
