/** The panel beside a contact: fields to read and edit, consents, identities. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Group, Select, TextInput, UnstyledButton } from '@mantine/core';
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { patch, url } from '@/api/client';
import { useCanEdit, useFields, useTopics } from '@/api/queries';
import type { Field, Json } from '@/api/types';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import classes from './ContactFields.module.css';
import { parsed, shown, written } from './fieldValues';
import type { Contact } from './types';

/** Kept by the product itself. */
const READ_ONLY = new Set(['created_at', 'last_seen_at', 'score']);

function fieldOf(contact: Contact, key: string): Json | undefined {
  if (key === 'email') return contact.email;
  if (key === 'external_id') return contact.external_id;
  if (key === 'created_at') return contact.created_at;
  if (key === 'last_seen_at') return contact.last_seen_at;
  if (key === 'score') return contact.score;
  return contact.fields[key];
}

function useSave(contact: Contact) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ field, value }: { field: Field; value: Json }) => {
      const own = field.key === 'email' || field.key === 'external_id';
      const body = own ? { [field.key]: value } : { fields: { [field.key]: value } };
      return patch<Contact>(url`/api/contacts/${contact.id}/`, body);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['contact', String(contact.id)] }),
    onError: (error) => toastError(error, t`The field was not changed`),
  });
}

export function ContactFields({ contact }: { contact: Contact }) {
  const canEdit = useCanEdit();
  const { data: fields = [] } = useFields();
  const [all, setAll] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const has = (field: Field) => shown(fieldOf(contact, field.key), field.type) !== '';
  const visible = fields.filter((field) => all || has(field) || editing === field.key);
  const hidden = fields.length - visible.length;

  return (
    <div className={classes.panel}>
      <h2>
        <Trans>Fields</Trans>
      </h2>
      <dl className={classes.fields}>
        {visible.map((field) => (
          <div key={field.key} className={classes.field}>
            <dt title={field.key}>{field.name}</dt>
            <dd>
              {editing === field.key ? (
                <FieldInput contact={contact} field={field} done={() => setEditing(null)} />
              ) : (
                <>
                  <FieldValue contact={contact} field={field} />
                  {canEdit && !READ_ONLY.has(field.key) && (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size={22}
                      className={classes.pencil}
                      aria-label={t`Edit ${field.name}`}
                      onClick={() => setEditing(field.key)}
                    >
                      <IconPencil size={13} />
                    </ActionIcon>
                  )}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {(hidden > 0 || all) && (
        <UnstyledButton className={classes.showAll} onClick={() => setAll(!all)}>
          {all ? t`Hide empty fields` : t`Show ${hidden} empty fields`}
        </UnstyledButton>
      )}
      <Consents contact={contact} />
      <h2>
        <Trans>Known as</Trans>
      </h2>
      <ul className={classes.plain}>
        {contact.identities.map(({ kind, value }) => (
          <li key={`${kind} ${value}`}>
            <span>{kind.replace('_', ' ')}</span>
            <code>{value}</code>
          </li>
        ))}
        {contact.identities.length === 0 && (
          <li>
            <Trans>Nothing that would identify them.</Trans>
          </li>
        )}
      </ul>
    </div>
  );
}

function FieldValue({ contact, field }: { contact: Contact; field: Field }) {
  const value = fieldOf(contact, field.key);
  const text = shown(value, field.type);
  if (!text) return <span className={classes.missing}>–</span>;
  if (field.type === 'datetime' && typeof value === 'string') return <TimeAgo at={value} />;
  return <span>{text}</span>;
}

function FieldInput({
  contact,
  field,
  done,
}: {
  contact: Contact;
  field: Field;
  done: () => void;
}) {
  const [typed, setTyped] = useState(written(fieldOf(contact, field.key), field.type));
  const save = useSave(contact);
  const value = parsed(typed, field.type);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value !== undefined) save.mutate({ field, value }, { onSuccess: done });
  };
  return (
    <form
      onSubmit={submit}
      className={classes.edit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') done();
      }}
    >
      {field.type === 'boolean' ? (
        <Select
          aria-label={field.name}
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          clearable
          value={typed || null}
          onChange={(chosen) => setTyped(chosen ?? '')}
        />
      ) : (
        <TextInput
          aria-label={field.type === 'datetime' ? t`${field.name} (UTC)` : field.name}
          type={field.type === 'datetime' ? 'datetime-local' : 'text'}
          inputMode={field.type === 'number' ? 'decimal' : undefined}
          placeholder={field.type === 'list' ? 'a, b, c' : t`empty`}
          // the pencil was pressed to type here
          autoFocus
          value={typed}
          error={value === undefined ? t`This is not a number.` : undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Group gap={4} wrap="nowrap">
        <Button type="submit" px={8} loading={save.isPending} aria-label={t`Save`}>
          <IconCheck size={14} />
        </Button>
        <Button variant="default" px={8} onClick={done} aria-label={t`Cancel`}>
          <IconX size={14} />
        </Button>
      </Group>
    </form>
  );
}

function Consents({ contact }: { contact: Contact }) {
  const { data: topics = [] } = useTopics();
  if (topics.length === 0 && contact.consents.length === 0) return null;
  return (
    <>
      <h2>
        <Trans>Topics</Trans>
      </h2>
      <ul className={classes.plain}>
        {topics.map((topic) => {
          const said = contact.consents.find((each) => each.topic === topic.key);
          return (
            <li key={topic.key}>
              <span>{topic.name}</span>
              <StatusBadge tone={said?.state === 'subscribed' ? 'accent' : 'quiet'}>
                {said ? said.state : topic.opt_in ? t`no answer: not sent` : t`no answer: sent`}
              </StatusBadge>
            </li>
          );
        })}
      </ul>
    </>
  );
}
