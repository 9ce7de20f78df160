/** The tab "History": every join and leave, with its instant and its cause. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { url } from '@/api/client';
import { useFlowChoices, useFlowName, useRows } from '@/api/queries';
import type { Sent } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Segment.module.css';
import type { Segment } from './types';

type Change = Sent<'Change'>;

const CAUSES: Record<string, string> = {
  rule: t`by the rule`,
  manual: t`by hand`,
  import: t`by an import`,
  built: t`when it was built`,
};

/** A flow's action says which flow it was: its name leads there. */
function Cause({ cause }: { cause: string }) {
  const nameOf = useFlowName();
  if (!cause.startsWith('flow:')) return <>{CAUSES[cause] ?? cause}</>;
  const key = cause.slice(5);
  return (
    <Trans>
      by the flow{' '}
      <Link to="/flows/$key" params={{ key }} className={classes.link}>
        {nameOf(key)}
      </Link>
    </Trans>
  );
}

const happened = (change: Change['change']): string => (change === 'entered' ? t`joined` : t`left`);

const WHEN: Column<Change> = {
  key: 'at',
  header: t`When`,
  width: '84px',
  align: 'right',
  render: ({ at }) => <TimeAgo at={at} />,
};

const NARROW: Column<Change>[] = [
  {
    key: 'who',
    header: t`Person`,
    width: 'minmax(0, 1fr)',
    render: ({ contact, change, cause }) => (
      <PersonCell
        contact={contact}
        below={
          <>
            {happened(change)} <Cause cause={cause} />
          </>
        }
      />
    ),
  },
  WHEN,
];

const COLUMNS: Column<Change>[] = [
  {
    key: 'who',
    header: t`Person`,
    width: 'minmax(0, 3fr)',
    render: ({ contact }) => <PersonCell contact={contact} />,
  },
  {
    key: 'change',
    header: t`What happened`,
    width: '110px',
    render: ({ change }) => (
      <StatusBadge tone={change === 'entered' ? 'accent' : 'quiet'}>{happened(change)}</StatusBadge>
    ),
  },
  {
    key: 'cause',
    header: t`Why`,
    width: 'minmax(0, 2fr)',
    render: ({ cause }) => <Cause cause={cause} />,
  },
  WHEN,
];

/** Why people came and went, as the filter offers it. */
function useCauses() {
  const flows = useFlowChoices().data ?? [];
  return [
    { value: 'rule', label: t`The rule` },
    { value: 'manual', label: t`By hand` },
    { value: 'built', label: t`A build` },
    { value: 'import', label: t`An import` },
    ...flows.map(({ key, name }) => ({ value: `flow:${key}`, label: t`Flow ${name}` })),
  ];
}

export function SegmentHistory({ segment }: { segment: Segment }) {
  const navigate = useNavigate();
  const causes = useCauses();
  const phone = useMediaQuery('(max-width: 760px)');
  const [change, setChange] = useState<string | null>(null);
  const [cause, setCause] = useState<string | null>(null);
  const history = useRows<Change>(
    ['segment', segment.key, 'history'],
    url`/api/segments/${segment.key}/history/`,
    { change, cause, limit: 100 },
    30_000,
  );
  const narrowed = change !== null || cause !== null;
  const all = () => {
    setChange(null);
    setCause(null);
  };
  return (
    <div className={classes.full}>
      <div className={classes.filters} role="search" aria-label={t`History`}>
        <Select
          aria-label={t`What happened`}
          placeholder={t`Joins and leaves`}
          clearable
          w={160}
          data={[
            { value: 'entered', label: t`Joins` },
            { value: 'left', label: t`Leaves` },
          ]}
          value={change}
          onChange={setChange}
        />
        <Select
          aria-label={t`Why`}
          placeholder={t`Any cause`}
          clearable
          searchable
          w={200}
          data={causes}
          value={cause}
          onChange={setCause}
        />
        {narrowed && (
          <Button variant="subtle" onClick={all}>
            <Trans>Show all</Trans>
          </Button>
        )}
      </div>
      <DataTable
        label={t`History of ${segment.name}`}
        columns={phone ? NARROW : COLUMNS}
        rowHeight={48}
        rowKey={(each) => each.id}
        onRowClick={({ contact }) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={
          <EmptyState
            compact
            icon={<IconHistory size={22} />}
            title={narrowed ? t`Nothing of this kind has happened` : t`Nothing has happened yet`}
            text={
              narrowed
                ? t`Choose another cause, or show all.`
                : t`Every join and every leave is written here, with its cause.`
            }
          />
        }
        {...history}
      />
    </div>
  );
}
