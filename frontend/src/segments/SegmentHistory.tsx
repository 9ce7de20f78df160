/** The tab "History": every join and leave, with its instant and its cause. */
import { IconHistory } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { url } from '@/api/client';
import { useRows } from '@/api/queries';
import type { Segment, Sent } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Segment.module.css';

type Change = Sent<'Change'>;

const CAUSES: Record<string, string> = {
  rule: 'by the rule',
  manual: 'by hand',
  import: 'by an import',
  built: 'when it was built',
};

export function causeWords(cause: string): string {
  if (cause.startsWith('flow:')) return `by the flow ${cause.slice(5)}`;
  return CAUSES[cause] ?? cause;
}

const COLUMNS: Column<Change>[] = [
  {
    key: 'who',
    header: 'Person',
    width: 'minmax(0, 3fr)',
    render: ({ contact }) => <PersonCell contact={contact} />,
  },
  {
    key: 'change',
    header: 'What happened',
    width: '110px',
    render: ({ change }) => (
      <StatusBadge tone={change === 'entered' ? 'accent' : 'quiet'}>
        {change === 'entered' ? 'joined' : 'left'}
      </StatusBadge>
    ),
  },
  {
    key: 'cause',
    header: 'Why',
    width: 'minmax(0, 2fr)',
    render: ({ cause }) => causeWords(cause),
  },
  {
    key: 'at',
    header: 'When',
    width: '110px',
    align: 'right',
    render: ({ at }) => <TimeAgo at={at} />,
  },
];

export function SegmentHistory({ segment }: { segment: Segment }) {
  const navigate = useNavigate();
  const history = useRows<Change>(
    ['segment', segment.key, 'history'],
    url`/api/segments/${segment.key}/history/`,
    { limit: 100 },
  );
  return (
    <div className={classes.full}>
      <DataTable
        label={`History of ${segment.name}`}
        columns={COLUMNS}
        rowHeight={48}
        rowKey={(change) => change.id}
        onRowClick={({ contact }) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={
          <EmptyState
            compact
            icon={<IconHistory size={22} />}
            title="Nothing has happened yet"
            text="Every join and every leave is written here, with its cause."
          />
        }
        {...history}
      />
    </div>
  );
}
