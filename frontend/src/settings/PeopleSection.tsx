/** Who signs in, and what they may do. */
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
  { value: 'viewer', label: 'viewer', says: 'sees everything, changes nothing' },
  { value: 'editor', label: 'editor', says: 'builds and publishes' },
  { value: 'admin', label: 'admin', says: 'also people, keys and sources' },
];

export function PeopleSection() {
  const refusal = useRefusal(true);
  if (refusal) {
    return <EmptyState compact title="For admins" text="Only an admin sees who signs in." />;
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
    onError: (error) => toastError(error, 'The role was not changed'),
  });
  const remove = useMutation({
    mutationFn: (person: Person) => del(url`/api/people/${person.id}/`),
    onSuccess: after,
    onError: (error) => toastError(error, 'The person was not removed'),
    onSettled: () => setRemoving(null),
  });
  const columns: Column<Person>[] = [
    {
      key: 'who',
      header: 'Person',
      render: (person) => (
        <span className={classes.two}>
          <strong>{person.name || person.email}</strong>
          <small>{person.name ? person.email : ''}</small>
        </span>
      ),
    },
    {
      key: 'role',
      header: 'Role',
      width: '130px',
      render: (person) => (
        <Select
          aria-label={`Role of ${person.email}`}
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
      header: 'Last here',
      width: '110px',
      align: 'right',
      render: (person) => <TimeAgo at={person.last_login} empty="never" />,
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
            Remove
          </Button>
        ),
    },
  ];
  return (
    <>
      <SectionHead
        action={
          <GuardedButton admin onClick={() => setCreating(true)}>
            Add a person
          </GuardedButton>
        }
      >
        A viewer sees everything and changes nothing; an editor builds and publishes; an admin also
        looks after people, keys and sources.
      </SectionHead>
      <DataTable
        label="People"
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
          title={`First password of ${made.email}`}
          secret={made.password}
          onClose={() => setMade(null)}
        />
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={`Remove ${removing?.email ?? ''}?`}
        confirm="Remove"
        danger
        busy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing)}
      >
        They can no longer sign in. What they built stays.
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
    <Modal opened onClose={onClose} size={420} title={<strong>Add a person</strong>}>
      <form onSubmit={submit} noValidate>
        <Stack gap={12}>
          <TextInput
            label="E-mail"
            type="email"
            data-autofocus
            value={email}
            error={
              refused?.at('email') ?? (refused && !refused.at('name') ? refused.message : null)
            }
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            value={name}
            error={refused?.at('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Role"
            allowDeselect={false}
            data={ROLES.map(({ value, label, says }) => ({ value, label: `${label}: ${says}` }))}
            value={role}
            onChange={(next) => next && setRole(next as Role)}
          />
          <Group justify="flex-end" gap={8} mt={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!email.includes('@')} loading={create.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
