/** Keys by which programs use the API. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, del, post, url } from '@/api/client';
import { useRows } from '@/api/queries';
import type { Role } from '@/api/types';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton, useRefusal } from '@/ui/GuardedButton';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import { ROLES } from './PeopleSection';
import { SecretDialog } from './SecretDialog';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';
import type { ApiKey, ApiKeyCreated } from './types';

export function KeysSection() {
  const refusal = useRefusal(true);
  if (refusal)
    return <EmptyState compact title={t`For admins`} text={t`Only an admin sees the keys.`} />;
  return <Keys />;
}

function Keys() {
  const client = useQueryClient();
  const list = useRows<ApiKey>(['keys'], '/api/keys/');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => del(url`/api/keys/${key.id}/`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
    onError: (error) => toastError(error, t`The key was not revoked`),
    onSettled: () => setRevoking(null),
  });
  const create = (
    <GuardedButton admin onClick={() => setCreating(true)}>
      <Trans>New key</Trans>
    </GuardedButton>
  );
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      header: t`Key`,
      render: (key) => (
        <span className={classes.two}>
          <strong>{key.name}</strong>
          <small>{key.created_by ? t`made by ${key.created_by}` : ''}</small>
        </span>
      ),
    },
    {
      key: 'prefix',
      header: t`Begins with`,
      width: '150px',
      render: (key) => <code>{key.prefix}…</code>,
    },
    {
      key: 'role',
      header: t`Role`,
      width: '90px',
      render: (key) => (
        <StatusBadge dot={false} tone={key.revoked_at ? 'bad' : 'quiet'}>
          {key.revoked_at ? t`revoked` : key.role}
        </StatusBadge>
      ),
    },
    {
      key: 'used',
      header: t`Last used`,
      width: '100px',
      align: 'right',
      render: (key) => <TimeAgo at={key.last_used_at} empty={t`never`} />,
    },
    {
      key: 'act',
      header: '',
      width: '90px',
      align: 'right',
      render: (key) =>
        !key.revoked_at && (
          <Button variant="subtle" color="red" size="compact-xs" onClick={() => setRevoking(key)}>
            <Trans>Revoke</Trans>
          </Button>
        ),
    },
  ];
  return (
    <>
      <SectionHead action={create}>
        <Trans>
          For programs that read and change things under <code>/api/</code>, with{' '}
          <code>Authorization: Bearer</code>. A key has a role, as a person has.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`API keys`}
        columns={columns}
        rowHeight={52}
        rowKey={(key) => key.id}
        empty={
          <EmptyState
            compact
            icon={<IconKey size={22} />}
            title={t`No key yet`}
            text={t`Make one for a script, a CI job or another product.`}
            action={create}
          />
        }
        {...list}
      />
      {creating && (
        <CreateKey
          onClose={() => setCreating(false)}
          onMade={(key) => {
            setCreating(false);
            setMade(key);
            void client.invalidateQueries({ queryKey: ['keys'] });
          }}
        />
      )}
      {made && (
        <SecretDialog
          title={t`API key “${made.name}”`}
          secret={made.key}
          onClose={() => setMade(null)}
        />
      )}
      <ConfirmDialog
        opened={revoking !== null}
        title={t`Revoke “${revoking?.name ?? ''}”?`}
        confirm={t`Revoke`}
        danger
        busy={revoke.isPending}
        onClose={() => setRevoking(null)}
        onConfirm={() => revoking && revoke.mutate(revoking)}
      >
        <Trans>Whoever uses it is refused at once.</Trans>
      </ConfirmDialog>
    </>
  );
}

function CreateKey({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (key: { name: string; key: string }) => void;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const create = useMutation({
    mutationFn: () => post<ApiKeyCreated>('/api/keys/', { name: name.trim(), role }),
    onSuccess: onMade,
  });
  const { error } = create;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={
        <strong>
          <Trans>New API key</Trans>
        </strong>
      }
    >
      <form onSubmit={submit}>
        <Stack gap={12}>
          <TextInput
            label={t`Name`}
            placeholder={t`What uses it`}
            data-autofocus
            maxLength={200}
            value={name}
            error={error instanceof ApiError ? error.message : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t`Role`}
            allowDeselect={false}
            data={ROLES.map(({ value, label, says }) => ({ value, label: `${label}: ${says}` }))}
            value={role}
            onChange={(next) => next && setRole(next as Role)}
          />
          <Group justify="flex-end" gap={8} mt={8}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
              <Trans>Make key</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
