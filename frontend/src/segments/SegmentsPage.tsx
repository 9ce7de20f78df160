/** All segments: kind, size and its trend, where used, whose; filtered and ordered by the address. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Select } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconFilterOff, IconTarget } from '@tabler/icons-react';
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useMe, useRows } from '@/api/queries';
import type { SegmentKind } from '@/api/types';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { asQuery, isNarrowed, type SegmentFilters } from './filters';
import { KINDS } from './kinds';
import { ownerName, useOwners } from './owners';
import classes from './Segments.module.css';
import { type Room, segmentColumns } from './segmentColumns';
import { STARTERS } from './starters';
import type { SegmentListRow } from './types';

/** Rows of one answer; and how often they are asked for anew, rarer when many have been read. */
const ROWS = 100;
const POLL = 15_000;

function useRoom(): Room {
  const phone = useMediaQuery('(max-width: 760px)');
  const tablet = useMediaQuery('(max-width: 1240px)');
  return phone ? 'phone' : tablet ? 'tablet' : 'desk';
}

export function SegmentsPage() {
  const filters = useSearch({ from: '/shell/segments' });
  const navigate = useNavigate();
  const { history } = useRouter();
  const room = useRoom();
  const list = useRows<SegmentListRow>(
    ['segments', 'list'],
    '/api/segments/',
    { ...asQuery(filters), limit: ROWS },
    POLL,
  );
  const change = (part: Partial<SegmentFilters>) => {
    // Whoever has gone to a row meanwhile is not called back.
    if (history.location.pathname !== '/segments') return;
    void navigate({
      to: '/segments',
      search: (before) => dropEmpty({ ...before, ...part }),
      replace: true,
    });
  };
  const columns = segmentColumns(room, filters.ordering, (ordering) => change({ ordering }));
  useHotkeys([
    ['/', () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus()],
  ]);
  const narrowed = isNarrowed(filters);
  const create = (
    <GuardedButton onClick={() => navigate({ to: '/segments/$key', params: { key: 'new' } })}>
      <Trans>New segment</Trans>
    </GuardedButton>
  );
  const bare = !narrowed && !list.isPending && !list.error && list.rows.length === 0;
  return (
    <Page title={t`Segments`} actions={!bare && create}>
      {bare ? (
        <NoSegments />
      ) : (
        <div className={classes.full}>
          <FilterBar filters={filters} change={change} />
          <DataTable
            label={t`Segments`}
            columns={columns}
            rowHeight={room === 'phone' ? 76 : 56}
            rowKey={(segment) => segment.key}
            onRowClick={(segment) =>
              navigate({ to: '/segments/$key', params: { key: segment.key } })
            }
            empty={
              <EmptyState
                compact
                icon={<IconFilterOff size={22} />}
                title={t`No segment fits`}
                text={t`Try a part of its name, or fewer filters.`}
                action={
                  <Button variant="default" onClick={() => navigate({ to: '/segments' })}>
                    <Trans>Show all segments</Trans>
                  </Button>
                }
              />
            }
            {...list}
          />
        </div>
      )}
    </Page>
  );
}

const dropEmpty = (filters: SegmentFilters): SegmentFilters =>
  Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined && value !== ''),
  );

interface FilterBarProps {
  filters: SegmentFilters;
  change: (part: Partial<SegmentFilters>) => void;
}

function FilterBar({ filters, change }: FilterBarProps) {
  const navigate = useNavigate();
  const { data: me } = useMe();
  const others = useOwners().filter((each) => each.email !== me?.email);
  return (
    <div className={classes.filters} role="search" aria-label={t`Segments`}>
      <SearchInput
        label={t`Search segments`}
        value={filters.search}
        onSearch={(search) => change({ search })}
        width={240}
      />
      <Select
        aria-label={t`Kind`}
        placeholder={t`Any kind`}
        clearable
        w={130}
        data={KINDS.map(({ kind, name }) => ({ value: kind, label: name }))}
        value={filters.kind ?? null}
        onChange={(kind) => change({ kind: (kind as SegmentKind | null) ?? undefined })}
      />
      <Select
        aria-label={t`Owner`}
        placeholder={t`Any owner`}
        clearable
        searchable
        w={170}
        data={[
          { value: 'me', label: t`Mine` },
          { value: 'none', label: t`Nobody’s` },
          ...others.map((each) => ({ value: String(each.id), label: ownerName(each) })),
        ]}
        value={filters.owner ?? null}
        onChange={(owner) => change({ owner: owner ?? undefined })}
      />
      <Select
        aria-label={t`Use`}
        placeholder={t`Used or not`}
        clearable
        w={140}
        data={[
          { value: 'true', label: t`Used` },
          { value: 'false', label: t`Not used` },
        ]}
        value={filters.used === undefined ? null : String(filters.used)}
        onChange={(used) => change({ used: used === null ? undefined : used === 'true' })}
      />
      {isNarrowed(filters) && (
        <Button
          variant="subtle"
          onClick={() =>
            navigate({
              to: '/segments',
              search: dropEmpty({ ordering: filters.ordering }),
              replace: true,
            })
          }
        >
          <Trans>Show all</Trans>
        </Button>
      )}
    </div>
  );
}

function NoSegments() {
  const navigate = useNavigate();
  return (
    <div>
      <EmptyState
        icon={<IconTarget size={22} />}
        title={t`Say who`}
        text={t`A segment is everybody for whom a rule is true: who left a cart, whose trial ends, who buys most. Flows start from them.`}
        action={
          <GuardedButton onClick={() => navigate({ to: '/segments/$key', params: { key: 'new' } })}>
            <Trans>New segment</Trans>
          </GuardedButton>
        }
      />
      <h2 className={classes.orBegin}>
        <Trans>Or begin with one of these</Trans>
      </h2>
      <ul className={classes.starters}>
        {STARTERS.map(({ key, name, says }) => (
          <li key={key}>
            <Link
              to="/segments/$key"
              params={{ key: 'new' }}
              search={{ start: key }}
              className={classes.starter}
            >
              <strong>{name}</strong>
              <span>{says}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
