/** For how long things are kept: the default, or a period of the workspace's own, or for ever. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Select } from '@mantine/core';
import { IconClockX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { patch } from '@/api/client';
import { useWorkspace } from '@/api/queries';
import type { Workspace } from '@/api/types';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { useRefusal } from '@/ui/GuardedButton';
import { toast, toastError } from '@/ui/toast';
import { isShorter, periodChoices, periodWords } from './keeping';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';

type Kept = NonNullable<Workspace['kept']>[number];
interface Change {
  row: Kept;
  period: string | null;
}

const FOR_EVER = 'for-ever';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function KeepSection() {
  const { data, error, isPending } = useWorkspace();
  const client = useQueryClient();
  const readOnly = useRefusal(true) !== null;
  const [asked, setAsked] = useState<Change | null>(null);
  const save = useMutation({
    mutationFn: ({ row, period }: Change) => {
      const { [row.key]: _, ...rest } = data?.keep ?? {};
      return patch<Workspace>('/api/workspace/', {
        keep: period === row.default ? rest : { ...rest, [row.key]: period },
      });
    },
    onSuccess: (answer, { row, period }) => {
      client.setQueryData(['workspace'], answer);
      setAsked(null);
      toast(t`${capital(row.title)}: kept ${periodWords(period)}.`);
    },
    onError: (failure) => toastError(failure, t`Not changed`),
  });
  const choose = (row: Kept, value: string | null) => {
    const change = { row, period: value === FOR_EVER ? null : value };
    if (isShorter(change.period, row.keep)) setAsked(change);
    else save.mutate(change);
  };
  const columns: Column<Kept>[] = [
    {
      key: 'title',
      header: t`What`,
      width: 'minmax(0, 3fr)',
      render: (row) => <strong className={classes.name}>{capital(row.title)}</strong>,
    },
    {
      key: 'default',
      header: t`Usually`,
      width: 'minmax(0, 1fr)',
      render: (row) => periodWords(row.default),
    },
    {
      key: 'keep',
      header: t`Kept here`,
      width: '190px',
      render: (row) => (
        <Select
          aria-label={t`How long ${row.title} are kept`}
          readOnly={readOnly}
          allowDeselect={false}
          data={periodChoices(row).map((period) => ({
            value: period ?? FOR_EVER,
            label: capital(periodWords(period)),
          }))}
          value={row.keep ?? FOR_EVER}
          onChange={(value) => choose(row, value)}
          comboboxProps={{ shadow: 'md' }}
        />
      ),
    },
  ];
  return (
    <>
      <SectionHead>
        <Trans>
          What is older goes each night, a little at a time. Contacts, segments and flows stay until
          somebody deletes them.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`How long things are kept`}
        columns={columns}
        rows={data?.kept ?? []}
        rowKey={(row) => row.key}
        rowHeight={46}
        isPending={isPending}
        error={error}
        empty={
          <EmptyState
            compact
            icon={<IconClockX size={22} />}
            title={t`Everything is kept for ever`}
          />
        }
      />
      <ConfirmDialog
        opened={asked !== null}
        title={asked ? t`Keep ${asked.row.title} ${periodWords(asked.period)} only?` : ''}
        confirm={t`Keep them shorter`}
        danger
        busy={save.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && save.mutate(asked)}
      >
        <Trans>What is older is deleted in the coming night. It cannot be brought back.</Trans>
      </ConfirmDialog>
    </>
  );
}
