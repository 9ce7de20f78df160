/** The columns of the list of segments: all of them on a desk, fewer where it is narrow. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Avatar } from '@/ui/Avatar';
import type { Column } from '@/ui/DataTable';
import { number } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { nextOrdering, type OrderedBy, type Ordering, sortOf } from './filters';
import { kindName } from './kinds';
import { ownerName } from './owners';
import classes from './Segments.module.css';
import { SizeTrend } from './SizeTrend';
import type { SegmentListRow } from './types';
import { UsedIn } from './UsedIn';

export type Room = 'phone' | 'tablet' | 'desk';

function Name({ segment, room }: { segment: SegmentListRow; room: Room }) {
  const says = segment.description || segment.sentence;
  return (
    <span className={classes.name} data-room={room}>
      <span className={classes.nameLine}>
        <Link
          to="/segments/$key"
          params={{ key: segment.key }}
          tabIndex={-1}
          title={segment.name}
          className={classes.nameLink}
        >
          {segment.name}
        </Link>
        {segment.naming.length > 0 && (
          <Tooltip label={segment.naming.join(' ')} multiline maw={280}>
            <span className={classes.misnamed}>
              <IconAlertTriangle size={14} stroke={1.8} aria-hidden />
              <span className="sr-only">{segment.naming.join(' ')}</span>
            </span>
          </Tooltip>
        )}
      </span>
      <small title={segment.sentence}>
        {room === 'phone' && `${kindWords(segment)} · `}
        {says}
      </small>
    </span>
  );
}

const kindWords = ({ kind, top }: SegmentListRow): string =>
  top ? t`Top ${number(top.limit)}` : kindName(kind);

function Kind({ segment }: { segment: SegmentListRow }) {
  const badge = (
    <StatusBadge dot={false} tone={segment.kind === 'dynamic' ? 'accent' : 'quiet'}>
      {kindWords(segment)}
    </StatusBadge>
  );
  if (!segment.top) return badge;
  return (
    <span title={t`${kindName(segment.kind)}, cut to the first ${number(segment.top.limit)}`}>
      {badge}
    </span>
  );
}

function Size({ segment }: { segment: SegmentListRow }) {
  if (segment.status === 'building')
    return (
      <StatusBadge tone="warn">
        <Trans>Building</Trans>
      </StatusBadge>
    );
  return <strong className={classes.size}>{number(segment.size)}</strong>;
}

function Whose({ segment: { owner }, room }: { segment: SegmentListRow; room: Room }) {
  if (!owner) return <span className={classes.quiet}>–</span>;
  const name = ownerName(owner);
  return (
    <span className={classes.owner} title={owner.email}>
      <Avatar name={name} size={22} />
      <span className={room === 'desk' ? undefined : 'sr-only'}>{name}</span>
    </span>
  );
}

function SortHeader({
  by,
  ordering,
  onOrder,
  children,
}: {
  by: OrderedBy;
  ordering: Ordering | undefined;
  onOrder: (ordering: Ordering) => void;
  children: ReactNode;
}) {
  const sort = sortOf(ordering, by);
  const Arrow = sort === 'ascending' ? IconArrowUp : IconArrowDown;
  return (
    <button
      type="button"
      className={classes.sort}
      data-on={sort !== 'none' || undefined}
      onClick={() => onOrder(nextOrdering(ordering, by))}
    >
      {children}
      <Arrow size={12} stroke={2} aria-hidden />
    </button>
  );
}

/** The tracks of each column by how much room there is; a column without one is left out. */
const TRACKS: Record<string, Partial<Record<Room, string>>> = {
  name: { phone: 'minmax(0, 1fr)', tablet: 'minmax(0, 1fr)', desk: 'minmax(0, 4fr)' },
  kind: { tablet: '84px', desk: '90px' },
  size: { phone: '66px', tablet: '92px', desk: '96px' },
  trend: { tablet: '126px', desk: '132px' },
  used: { tablet: '136px', desk: 'minmax(0, 2fr)' },
  owner: { tablet: '40px', desk: 'minmax(0, 1.3fr)' },
  updated: { desk: '84px' },
};

export function segmentColumns(
  room: Room,
  ordering: Ordering | undefined,
  onOrder: (ordering: Ordering) => void,
): Column<SegmentListRow>[] {
  const header = (by: OrderedBy, words: string) => (
    <SortHeader by={by} ordering={ordering} onOrder={onOrder}>
      {words}
    </SortHeader>
  );
  const columns: Column<SegmentListRow>[] = [
    {
      key: 'name',
      header: header('name', t`Segment`),
      sort: sortOf(ordering, 'name'),
      render: (segment) => <Name segment={segment} room={room} />,
    },
    { key: 'kind', header: t`Kind`, render: (segment) => <Kind segment={segment} /> },
    {
      key: 'size',
      header: header('size', t`People`),
      sort: sortOf(ordering, 'size'),
      align: 'right',
      render: (segment) => <Size segment={segment} />,
    },
    {
      key: 'trend',
      header: t`30 days`,
      render: (segment) => <SizeTrend trend={segment.trend} since={segment.created_at} />,
    },
    { key: 'used', header: t`Used in`, render: (segment) => <UsedIn uses={segment.used_in} /> },
    {
      key: 'owner',
      header:
        room === 'desk' ? (
          t`Owner`
        ) : (
          <span className="sr-only">
            <Trans>Owner</Trans>
          </span>
        ),
      render: (segment) => <Whose segment={segment} room={room} />,
    },
    {
      key: 'updated',
      header: header('updated_at', t`Changed`),
      sort: sortOf(ordering, 'updated_at'),
      align: 'right',
      render: (segment) => <TimeAgo at={segment.updated_at} />,
    },
  ];
  return columns.flatMap((column) => {
    const width = TRACKS[column.key]?.[room];
    return width ? [{ ...column, width }] : [];
  });
}
