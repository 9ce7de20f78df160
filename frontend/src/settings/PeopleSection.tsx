/** Who signs in, and what they may do. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, del, patch, post, url } from '@/api/client';
import { useMe, useRows } from '@/api/queries';
import type { Role } from '@/api/types';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton, useRefusal } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import { SecretDialog } from './SecretDialog';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';
import type { Person, PersonCreated } from './types';

export const ROLES: { value: Role; label: string; says: string }[] = [
  { value: 'viewer', label: t`viewer`, says: t`sees everything, changes nothing` },
  { value: 'editor', label: t`editor`, says: t`builds and publishes` },
  { value: 'admin', label: t`admin`, says: t`also people, keys and sources` },
];

export function PeopleSection() {
  const refusal = useRefusal(true);
  if (refusal) {
    return <EmptyState compact title={t`For admins`} text={t`Only an admin sees who signs in.`} />;
  }
  return <People />;
}

function People() {
  const { data: me } = useMe();
  const client = useQueryClient();
  const list = useRows<Person>(['people'], '/api/people/');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<{ email: string; password: string } | null>(null);
  const [removing, setRemoving] = useState<Person | null>(null);
  const after = () => client.invalidateQueries({ queryKey: ['people'] });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: number; role: Role }) =>
      patch<Person>(url`/api/people/${id}/`, { role }),
    onSuccess: after,
    onError: (error) => toastError(error, t`The role was not changed`),
  });
  const remove = useMutation({
    mutationFn: (person: Person) => del(url`/api/people/${person.id}/`),
    onSuccess: after,
    onError: (error) => toastError(error, t`The person was not removed`),
    onSettled: () => setRemoving(null),
  });
  const columns: Column<Person>[] = [
    {
      key: 'who',
      header: t`Person`,
      render: (person) => (
        <span className={classes.two}>
          <strong>{person.name || person.email}</strong>
          <small>{person.name ? person.email : ''}</small>
        </span>
      ),
    },
    {
      key: 'role',
      header: t`Role`,
      width: '130px',
      render: (person) => (
        <Select
          aria-label={t`Role of ${person.email}`}
          data={ROLES.map(({ value, label }) => ({ value, label }))}
          allowDeselect={false}
          disabled={person.email === me?.email}
          value={person.role}
          onChange={(role) => role && change.mutate({ id: person.id, role: role as Role })}
        />
      ),
    },
    {
      key: 'login',
      header: t`Last here`,
      width: '110px',
      align: 'right',
      render: (person) => <TimeAgo at={person.last_login} empty={t`never`} />,
    },
    {
      key: 'act',
      header: '',
      width: '90px',
      align: 'right',
      render: (person) =>
        person.email !== me?.email && (
          <Button
            variant="subtle"
            color="red"
            size="compact-xs"
            onClick={() => setRemoving(person)}
          >
            <Trans>Remove</Trans>
          </Button>
        ),
    },
  ];
  return (
    <>
      <SectionHead
        action={
          <GuardedButton admin onClick={() => setCreating(true)}>
            <Trans>Add a person</Trans>
          </GuardedButton>
        }
      >
        <Trans>
          A viewer sees everything and changes nothing; an editor builds and publishes; an admin
          also looks after people, keys and sources.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`People`}
        columns={columns}
        rowHeight={52}
        rowKey={(person) => person.id}
        {...list}
      />
      {creating && (
        <AddPerson
          onClose={() => setCreating(false)}
          onMade={(person) => {
            setCreating(false);
            void after();
            if (person.password) setMade({ email: person.email, password: person.password });
          }}
        />
      )}
      {made && (
        <SecretDialog
          title={t`First password of ${made.email}`}
          secret={made.password}
          onClose={() => setMade(null)}
        />
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={t`Remove ${removing?.email ?? ''}?`}
        confirm={t`Remove`}
        danger
        busy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing)}
      >
        <Trans>They can no longer sign in. What they built stays.</Trans>
      </ConfirmDialog>
    </>
  );
}

function AddPerson({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (person: PersonCreated) => void;
}) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const create = useMutation({
    mutationFn: () => post<PersonCreated>('/api/people/', { email, name, role }),
    onSuccess: onMade,
  });
  const refused = create.error instanceof ApiError ? create.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={
        <strong>
          <Trans>Add a person</Trans>
        </strong>
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack gap={12}>
          <TextInput
            label={t`E-mail`}
            type="email"
            data-autofocus
            value={email}
            error={
              refused?.at('email') ?? (refused && !refused.at('name') ? refused.message : null)
            }
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label={t`Name`}
            value={name}
            error={refused?.at('name')}
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
            <Button type="submit" disabled={!email.includes('@')} loading={create.isPending}>
              <Trans>Add</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
