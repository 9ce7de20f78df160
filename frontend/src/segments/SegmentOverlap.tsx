/** The tab "Overlap": who is in this segment and in others too, combination by combination. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, MultiSelect, Skeleton, Switch } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCirclesRelation } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { get, url } from '@/api/client';
import type { CursorPage } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { percent, sentence } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import classes from './Overlap.module.css';
import { regionRule, regionWords } from './overlap/regions';
import { UpSet } from './overlap/UpSet';
import type { Overlap, OverlapRegion, OverlapSet, Segment } from './types';

const MOST_OTHERS = 5;

export function SegmentOverlap({ segment }: { segment: Segment }) {
  /** Null: those that share most, as the server finds them. */
  const [others, setOthers] = useState<string[] | null>(null);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['segment', segment.key, 'overlap', others],
    queryFn: () =>
      get<Overlap>(url`/api/segments/${segment.key}/overlap/`, {
        with: others === null ? undefined : others.join(','),
      }),
    enabled: others === null || others.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const shown = data?.sets.filter(({ key }) => key !== segment.key) ?? [];
  const bare = others?.length === 0 || (data !== undefined && shown.length === 0);
  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <OthersPicker
          own={segment.key}
          value={others ?? shown.map(({ key }) => key)}
          known={shown}
          onChange={setOthers}
        />
        {others !== null && (
          <Button variant="subtle" onClick={() => setOthers(null)}>
            <Trans>Those that share most</Trans>
          </Button>
        )}
      </div>
      {error && !data && (
        <EmptyState compact title={t`This could not be counted`} text={sentence(error.message)} />
      )}
      {!data && !error && (
        <div aria-busy="true">
          <Skeleton height={340} />
        </div>
      )}
      {bare && (
        <EmptyState
          compact
          icon={<IconCirclesRelation size={22} />}
          title={
            others === null ? t`No other segment shares people with it` : t`Compared with what?`
          }
          text={t`Choose up to five other segments: who is in which of them is drawn here.`}
        />
      )}
      {data && !bare && <Compared overlap={data} segment={segment} stale={isPlaceholderData} />}
    </div>
  );
}

interface ComparedProps {
  overlap: Overlap;
  segment: Segment;
  stale: boolean;
}

const sameSets = (a: OverlapRegion, b: OverlapRegion): boolean => a.in.join() === b.in.join();

function Compared({ overlap, segment, stale }: ComparedProps) {
  const navigate = useNavigate();
  const [picked, setPicked] = useState<OverlapRegion | null>(null);
  const [everybody, setEverybody] = useState(false);
  const { sets, exact } = overlap;
  const regions = everybody
    ? overlap.regions
    : overlap.regions.filter((region) => region.in.includes(segment.key));
  const chosen =
    regions.find((region) => picked && sameSets(region, picked)) ??
    regions.find((region) => region.in.length > 1) ??
    regions[0];
  if (overlap.regions.length === 0) {
    return <EmptyState compact title={t`Nobody is in any of them`} />;
  }
  return (
    <section className={classes.card} data-stale={stale || undefined}>
      <Switch
        size="xs"
        label={
          <span className={classes.everybody}>
            <Trans>Also people who are not in this segment</Trans>
          </span>
        }
        checked={everybody}
        onChange={(event) => setEverybody(event.currentTarget.checked)}
      />
      {regions.length === 0 && <EmptyState compact title={t`Nobody is in this segment now`} />}
      {regions.length > 0 && (
        <UpSet
          overlap={{ ...overlap, regions }}
          own={segment.key}
          chosen={chosen}
          onChoose={setPicked}
        />
      )}
      {chosen && (
        <div className={classes.chosen}>
          <p aria-live="polite">
            <strong>{sentence(regionWords(overlap, chosen))}</strong>{' '}
            {chosen.in.includes(segment.key) &&
              t`That is ${percent(chosen.count, segment.size)} of this segment.`}
          </p>
          <GuardedButton
            variant="default"
            onClick={() =>
              navigate({
                to: '/segments/$key',
                params: { key: 'new' },
                search: { rule: regionRule(sets, chosen) },
              })
            }
          >
            <Trans>New segment of these</Trans>
          </GuardedButton>
        </div>
      )}
      {!exact && (
        <p className={classes.note}>
          <Trans>
            These segments are large: the numbers are about right, counted from a part of the
            people.
          </Trans>
        </p>
      )}
    </section>
  );
}

interface OthersPickerProps {
  own: string;
  value: string[];
  known: readonly OverlapSet[];
  onChange: (keys: string[]) => void;
}

type Choice = Pick<OverlapSet, 'key' | 'name'>;

function OthersPicker({ own, value, known, onChange }: OthersPickerProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  /** What has been chosen here keeps its name while other names are searched. */
  const [seen, setSeen] = useState<Record<string, string>>({});
  const { data } = useQuery({
    queryKey: ['segments', 'pick', search],
    queryFn: ({ signal }) =>
      get<CursorPage<Choice>>('/api/segments/', { search, ordering: 'name', limit: 50 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const names = new Map<string, string>(Object.entries(seen));
  for (const { key, name } of [...known, ...(data?.results ?? [])]) names.set(key, name);
  names.delete(own);
  return (
    <MultiSelect
      size="xs"
      label={t`Compared with`}
      description={t`Up to ${MOST_OTHERS} segments.`}
      placeholder={value.length < MOST_OTHERS ? t`Add a segment` : undefined}
      searchable
      clearable
      hidePickedOptions
      maxValues={MOST_OTHERS}
      className={classes.picker}
      nothingFoundMessage={t`No segment is called so.`}
      // the server has searched: what it answers is not filtered once more
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      data={[...names].map(([key, name]) => ({ value: key, label: name }))}
      value={value}
      onChange={(keys) => {
        setSeen(Object.fromEntries(keys.map((key) => [key, names.get(key) ?? key])));
        onChange(keys);
      }}
    />
  );
}
