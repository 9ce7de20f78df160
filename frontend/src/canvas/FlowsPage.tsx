/** All flows: what runs, how many are in it, what is wrong. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group } from '@mantine/core';
import { IconAlertTriangle, IconRoute } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCanEdit, useRows } from '@/api/queries';
import type { FlowRow } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { FlowBadge } from '@/ui/FlowBadge';
import { number, percent } from '@/ui/format';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import { useDialogInAddress } from '@/ui/useDialogInAddress';
import { useSearchInAddress } from '@/ui/useSearchInAddress';
import { CreateFlow } from './CreateFlow';
import classes from './FlowsPage.module.css';

const COLUMNS: Column<FlowRow>[] = [
  {
    key: 'name',
    header: t`Flow`,
    width: 'minmax(0, 2.2fr)',
    render: ({ name, key }) => (
      <span className={classes.name} title={key}>
        {name}
      </span>
    ),
  },
  {
    key: 'status',
    header: t`State`,
    width: '150px',
    render: ({ status, version }) => <FlowBadge status={status} version={version} />,
  },
  {
    key: 'inside',
    header: t`Inside`,
    width: '90px',
    align: 'right',
    render: ({ totals, version }) =>
      version === null ? '–' : <strong>{number(totals.inside)}</strong>,
  },
  {
    key: 'entered',
    header: t`Entered`,
    width: '90px',
    align: 'right',
    render: ({ totals, version }) => (version === null ? '–' : number(totals.entered)),
  },
  {
    key: 'converted',
    header: t`Converted`,
    width: '100px',
    align: 'right',
    render: ({ totals, version }) =>
      version === null ? (
        '–'
      ) : (
        <span title={t`${number(totals.converted)} of ${number(totals.entered)}`}>
          {percent(totals.converted, totals.entered)}
        </span>
      ),
  },
  {
    key: 'wrong',
    header: '',
    width: 'minmax(0, 1fr)',
    render: ({ totals, problems }) => (
      <>
        {totals.failed > 0 && (
          <span className={classes.bad}>
            <Trans>
              <IconAlertTriangle size={13} stroke={2} /> {number(totals.failed)} failed
            </Trans>
          </span>
        )}
        {totals.failed === 0 && problems > 0 && (
          <span className={classes.quiet}>
            <Trans>{number(problems)} to mend in the draft</Trans>
          </span>
        )}
      </>
    ),
  },
  {
    key: 'updated',
    header: t`Changed`,
    width: '100px',
    align: 'right',
    render: ({ updated_at }) => <TimeAgo at={updated_at} />,
  },
];

export function FlowsPage() {
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const [creating, openNew, closeNew] = useDialogInAddress('new');
  const [search, setSearch] = useSearchInAddress();
  const flows = useRows<FlowRow>(['flows'], '/api/flows/', { search, limit: 50 }, 5_000);
  const none = !flows.isPending && flows.rows.length === 0;
  const create = (
    <>
      <Button variant="default" renderRoot={(props) => <Link to="/flows/templates" {...props} />}>
        <Trans>Flow templates</Trans>
      </Button>
      {canEdit && (
        <Button onClick={openNew}>
          <Trans>New flow</Trans>
        </Button>
      )}
    </>
  );

  return (
    <Page
      title={t`Flows`}
      actions={
        none && !search ? null : (
          <>
            <SearchInput label={t`Search flows`} value={search} onSearch={setSearch} width={220} />
            {create}
          </>
        )
      }
    >
      {none && !search && !flows.error ? (
        <EmptyState
          icon={<IconRoute size={22} stroke={1.7} />}
          title={t`Draw your first flow`}
          text={t`A flow says what happens to people: who comes in, what they get, how long they wait, when they leave. Begin with a template, or draw one yourself.`}
          action={<Group gap={8}>{create}</Group>}
        />
      ) : (
        <DataTable
          label={t`Flows`}
          columns={COLUMNS}
          {...flows}
          rowKey={(flow) => flow.key}
          onRowClick={({ key }) => void navigate({ to: '/flows/$key', params: { key } })}
          empty={<EmptyState title={t`No flow of that name`} text={t`Try another word.`} />}
          rowHeight={48}
        />
      )}
      <CreateFlow opened={creating} onClose={closeNew} />
    </Page>
  );
}
