/** The e-mails that flows can send. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, post } from '@/api/client';
import { useRows } from '@/api/queries';
import type { Template, TemplateRow } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { slug } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import { useDialogInAddress } from '@/ui/useDialogInAddress';
import { useSearchInAddress } from '@/ui/useSearchInAddress';
import classes from './Messages.module.css';
import { STARTER } from './starter';

const COLUMNS: Column<TemplateRow>[] = [
  {
    key: 'name',
    header: t`Template`,
    width: 'minmax(0, 2fr)',
    render: (template) => (
      <span className={classes.nameCell}>
        <strong>{template.name}</strong>
        <small>{template.key}</small>
      </span>
    ),
  },
  {
    key: 'subject',
    header: t`Subject`,
    width: 'minmax(0, 3fr)',
    render: (template) => template.subject || '–',
  },
  {
    key: 'updated',
    header: t`Changed`,
    width: '110px',
    align: 'right',
    render: (template) => <TimeAgo at={template.updated_at} />,
  },
];

export function TemplatesPage() {
  const navigate = useNavigate();
  const [search, setSearch] = useSearchInAddress();
  const [creating, openNew, closeNew] = useDialogInAddress('new');
  const list = useRows<TemplateRow>(['templates', 'list'], '/api/templates/', {
    search,
    limit: 100,
  });
  const create = (
    <GuardedButton onClick={openNew}>
      <Trans>New template</Trans>
    </GuardedButton>
  );
  return (
    <Page
      title={t`Templates`}
      actions={
        <>
          <SearchInput
            label={t`Search templates`}
            value={search}
            onSearch={setSearch}
            width={220}
          />
          {create}
        </>
      }
    >
      <DataTable
        label={t`Templates`}
        columns={COLUMNS}
        rowHeight={54}
        rowKey={(template) => template.key}
        onRowClick={(template) =>
          navigate({ to: '/templates/$key', params: { key: template.key } })
        }
        empty={
          search ? (
            <EmptyState
              title={t`No template is called “${search}”`}
              text={t`Try a part of its name.`}
            />
          ) : (
            <EmptyState
              icon={<IconMail size={22} />}
              title={t`Write the first e-mail`}
              text={t`A template is an e-mail with gaps that each contact’s own fields fill. Flows send it.`}
              action={create}
            />
          )
        }
        {...list}
      />
      {creating && <CreateTemplate onClose={closeNew} />}
    </Page>
  );
}

function CreateTemplate({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () =>
      post<Template>('/api/templates/', { key: slug(name), name: name.trim(), ...STARTER }),
    onSuccess: async (template) => {
      void client.invalidateQueries({ queryKey: ['templates'] });
      await navigate({ to: '/templates/$key', params: { key: template.key } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  const error = create.error;
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={
        <strong>
          <Trans>New template</Trans>
        </strong>
      }
    >
      <form onSubmit={submit}>
        <TextInput
          label={t`Name`}
          placeholder={t`Cart reminder`}
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={
            error instanceof ApiError
              ? (error.at('key') ?? error.at('name') ?? error.message)
              : undefined
          }
        />
        <Group justify="flex-end" gap={8} mt={16}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" disabled={!slug(name)} loading={create.isPending}>
            <Trans>Create</Trans>
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
