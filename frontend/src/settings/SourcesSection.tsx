/** Where data comes from: a source is a site, an app or a server with a write key of its own. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, del, post, url } from '@/api/client';
import { useRows } from '@/api/queries';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import { SecretDialog } from './SecretDialog';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';
import { Snippets } from './Snippets';
import type { Source, SourceCreated } from './types';

export function SourcesSection() {
  const client = useQueryClient();
  const list = useRows<Source>(['sources'], '/api/sources/', undefined, 10_000);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<{ name: string; write_key: string } | null>(null);
  const [removing, setRemoving] = useState<Source | null>(null);
  const remove = useMutation({
    mutationFn: (source: Source) => del(url`/api/sources/${source.key}/`),
    onSuccess: (_, source) => {
      void client.invalidateQueries({ queryKey: ['sources'] });
      toast(t`The write key of “${source.name}” is refused from now on.`);
    },
    onError: (error) => toastError(error),
    onSettled: () => setRemoving(null),
  });
  const create = (
    <GuardedButton admin onClick={() => setCreating(true)}>
      <Trans>New source</Trans>
    </GuardedButton>
  );
  const columns: Column<Source>[] = [
    {
      key: 'name',
      header: t`Source`,
      render: (source) => <strong className={classes.name}>{source.name}</strong>,
    },
    {
      key: 'key',
      header: t`Write key`,
      width: '150px',
      render: (source) => <code>{source.prefix}…</code>,
    },
    {
      key: 'used',
      header: t`Last message`,
      width: '120px',
      render: (source) => <TimeAgo at={source.last_used_at} empty={t`nothing yet`} />,
    },
    {
      key: 'made',
      header: t`Made`,
      width: '100px',
      render: (source) => <TimeAgo at={source.created_at} />,
    },
    {
      key: 'act',
      header: '',
      width: '90px',
      align: 'right',
      render: (source) => (
        <GuardedButton
          admin
          variant="subtle"
          color="red"
          size="compact-xs"
          onClick={() => setRemoving(source)}
        >
          <Trans>Remove</Trans>
        </GuardedButton>
      ),
    },
  ];
  return (
    <>
      <SectionHead action={create}>
        <Trans>
          Sites, apps and servers that send what people do. Any Segment-compatible library works:
          give it a write key and this host.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Sources`}
        columns={columns}
        rowKey={(source) => source.id}
        empty={
          <EmptyState
            compact
            icon={<IconPlugConnected size={22} />}
            title={t`No source yet`}
            text={t`Make one for your site or your server; you get a write key and the few lines to paste.`}
            action={create}
          />
        }
        {...list}
      />
      {list.rows.length > 0 && (
        <>
          <h2 className={classes.sub}>
            <Trans>Sending data</Trans>
          </h2>
          <Snippets writeKey="YOUR_WRITE_KEY" />
        </>
      )}
      {creating && (
        <CreateSource
          onClose={() => setCreating(false)}
          onMade={(source) => {
            setCreating(false);
            setMade(source);
          }}
        />
      )}
      {made && (
        <SecretDialog
          title={t`Write key of “${made.name}”`}
          secret={made.write_key}
          onClose={() => setMade(null)}
        >
          <h3 className={classes.sub}>
            <Trans>Send the first event</Trans>
          </h3>
          <Snippets writeKey={made.write_key} />
        </SecretDialog>
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={t`Remove “${removing?.name ?? ''}”?`}
        confirm={t`Remove source`}
        danger
        busy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing)}
      >
        <Trans>
          Its write key is refused from then on: whoever still sends with it gets an error. What it
          sent stays.
        </Trans>
      </ConfirmDialog>
    </>
  );
}

function CreateSource({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (source: { name: string; write_key: string }) => void;
}) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => post<SourceCreated>('/api/sources/', { name: name.trim() }),
    onSuccess: (source) => {
      void client.invalidateQueries({ queryKey: ['sources'] });
      onMade(source);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  const { error } = create;
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={
        <strong>
          <Trans>New source</Trans>
        </strong>
      }
    >
      <form onSubmit={submit}>
        <TextInput
          label={t`Name`}
          placeholder={t`Website`}
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={error instanceof ApiError ? (error.at('name') ?? error.message) : undefined}
        />
        <Group justify="flex-end" gap={8} mt={16}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
            <Trans>Make source</Trans>
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
