/** All segments: their kind, their size, and what they say. */
import { IconTarget } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useRows } from '@/api/queries';
import type { SegmentRow } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { kindName } from './kinds';
import classes from './Segment.module.css';

const COLUMNS: Column<SegmentRow>[] = [
  {
    key: 'name',
    header: 'Segment',
    width: 'minmax(0, 4fr)',
    render: (segment) => (
      <span className={classes.nameCell}>
        <strong>{segment.name}</strong>
        <small title={segment.sentence}>{segment.description || segment.sentence}</small>
      </span>
    ),
  },
  {
    key: 'kind',
    header: 'Kind',
    width: '90px',
    render: (segment) => (
      <StatusBadge dot={false} tone={segment.kind === 'dynamic' ? 'accent' : 'quiet'}>
        {kindName(segment.kind)}
      </StatusBadge>
    ),
  },
  {
    key: 'size',
    header: 'People',
    width: '120px',
    align: 'right',
    render: (segment) =>
      segment.status === 'building' ? (
        <StatusBadge tone="warn">Building</StatusBadge>
      ) : (
        <strong className={classes.size}>{number(segment.size)}</strong>
      ),
  },
  {
    key: 'updated',
    header: 'Rule changed',
    width: '110px',
    align: 'right',
    render: (segment) => <TimeAgo at={segment.updated_at} />,
  },
];

export function SegmentsPage() {
  const [search, setSearch] = useState('');
  const navigate = useNavigate();
  const list = useRows<SegmentRow>(
    ['segments', 'list'],
    '/api/segments/',
    { search, limit: 100 },
    15_000,
  );
  const create = (
    <GuardedButton onClick={() => navigate({ to: '/segments/$key', params: { key: 'new' } })}>
      New segment
    </GuardedButton>
  );
  return (
    <Page
      title="Segments"
      actions={
        <>
          <SearchInput label="Search segments" onSearch={setSearch} width={220} />
          {create}
        </>
      }
    >
      <DataTable
        label="Segments"
        columns={COLUMNS}
        rowHeight={56}
        rowKey={(segment) => segment.key}
        onRowClick={(segment) => navigate({ to: '/segments/$key', params: { key: segment.key } })}
        empty={
          search ? (
            <EmptyState title={`No segment is called “${search}”`} text="Try a part of its name." />
          ) : (
            <EmptyState
              icon={<IconTarget size={22} />}
              title="Say who"
              text="A segment is everybody for whom a rule is true: who left a cart, whose trial ends, who buys most. Flows start from them."
              action={create}
            />
          )
        }
        {...list}
      />
    </Page>
  );
}
