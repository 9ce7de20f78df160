/** The registry of fields: what is known of contacts, by which name and type. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { patch, url } from '@/api/client';
import { useCanEdit, useFields } from '@/api/queries';
import type { Field, FieldType } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { SearchInput } from '@/ui/SearchInput';
import { StatusBadge } from '@/ui/StatusBadge';
import { toastError } from '@/ui/toast';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';

const TYPES: Record<FieldType, string> = {
  string: t`text`,
  number: t`number`,
  boolean: t`yes or no`,
  datetime: t`date and time`,
  list: t`list`,
};

export function FieldsSection() {
  const canEdit = useCanEdit();
  const { data: fields = [], isPending, error } = useFields();
  const [search, setSearch] = useState('');
  const [editing, setEditing] = useState<string | null>(null);
  const found = fields.filter((field) =>
    `${field.key} ${field.name}`.toLowerCase().includes(search.toLowerCase()),
  );
  const columns: Column<Field>[] = [
    {
      key: 'name',
      header: t`Field`,
      width: 'minmax(0, 3fr)',
      render: (field) =>
        editing === field.key ? (
          <Rename field={field} done={() => setEditing(null)} />
        ) : (
          <span className={classes.named}>
            <span className={classes.two}>
              <strong>{field.name}</strong>
              {field.warnings > 0 && (
                <small title={field.last_warning ?? ''}>{field.last_warning}</small>
              )}
            </span>
            {canEdit && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size={22}
                aria-label={t`Rename ${field.name}`}
                onClick={() => setEditing(field.key)}
              >
                <IconPencil size={13} />
              </ActionIcon>
            )}
          </span>
        ),
    },
    {
      key: 'key',
      header: t`Key`,
      width: 'minmax(0, 2fr)',
      render: (field) => <code>{field.key}</code>,
    },
    {
      key: 'type',
      header: t`Type`,
      width: '110px',
      render: (field) => TYPES[field.type],
    },
    {
      key: 'builtin',
      header: '',
      width: '80px',
      render: (field) =>
        field.builtin && (
          <StatusBadge dot={false}>
            <Trans>built in</Trans>
          </StatusBadge>
        ),
    },
    {
      key: 'warnings',
      header: '',
      width: '130px',
      align: 'right',
      render: (field) =>
        field.warnings > 0 && (
          <span className={classes.warning}>
            <IconAlertTriangle size={14} aria-hidden />{' '}
            {plural(field.warnings, { one: '# warning', other: '# warnings' })}
          </span>
        ),
    },
  ];
  return (
    <>
      <SectionHead action={<SearchInput label={t`Search fields`} onSearch={setSearch} />}>
        <Trans>
          New fields register themselves with the type of the first value that is sent. A later
          value that does not fit leaves the field as it was and counts as a warning.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Fields`}
        rowHeight={48}
        columns={columns}
        rows={found}
        rowKey={(field) => field.key}
        isPending={isPending}
        error={error}
      />
    </>
  );
}

function Rename({ field, done }: { field: Field; done: () => void }) {
  const [name, setName] = useState(field.name);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => patch<Field>(url`/api/fields/${field.key}/`, { name: name.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['fields'] });
      done();
    },
    onError: (error) => toastError(error, t`The field was not renamed`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        aria-label={t`Name of ${field.key}`}
        // the pencil was pressed to type here
        autoFocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === 'Escape') done();
        }}
      />
    </form>
  );
}
