/** Adds one contact by hand. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, post } from '@/api/client';
import { toastError } from '@/ui/toast';
import type { Contact } from './types';

const FIELDS = [
  { key: 'email', label: t`E-mail`, type: 'email', hint: undefined },
  { key: 'external_id', label: t`External id`, type: 'text', hint: t`Your own id of this person` },
  { key: 'first_name', label: t`First name`, type: 'text', hint: undefined },
  { key: 'last_name', label: t`Last name`, type: 'text', hint: undefined },
] as const;

export function CreateContact({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => {
      const filled = Object.entries(values).filter(([, value]) => value.trim());
      const { email, external_id, ...fields } = Object.fromEntries(filled);
      return post<Contact>('/api/contacts/', { email, external_id, fields });
    },
    onSuccess: async (contact) => {
      void client.invalidateQueries({ queryKey: ['contacts'] });
      setValues({});
      onClose();
      await navigate({ to: '/contacts/$id', params: { id: String(contact.id) } });
    },
    onError: (error) => {
      const placed =
        error instanceof ApiError && FIELDS.some(({ key }) => error.at(key) !== undefined);
      if (!placed) toastError(error, t`The contact was not added`);
    },
  });
  const error = create.error instanceof ApiError ? create.error : null;
  const identified = Boolean(values.email?.trim() || values.external_id?.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (identified) create.mutate();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={420}
      title={
        <strong>
          <Trans>New contact</Trans>
        </strong>
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack gap={12}>
          {FIELDS.map(({ key, label, type, hint }, i) => (
            <TextInput
              key={key}
              label={label}
              description={hint}
              type={type}
              data-autofocus={i === 0 || undefined}
              value={values[key] ?? ''}
              error={error?.at(key)}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setValues((before) => ({ ...before, [key]: value }));
              }}
            />
          ))}
          <Group justify="space-between" mt={8}>
            <span style={{ color: 'var(--ink-2)', fontSize: 12 }}>
              {identified ? '' : t`An e-mail or an id is needed.`}
            </span>
            <Group gap={8}>
              <Button variant="default" onClick={onClose}>
                <Trans>Cancel</Trans>
              </Button>
              <Button type="submit" disabled={!identified} loading={create.isPending}>
                <Trans>Add contact</Trans>
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
