/** Finding somebody and letting them into a flow by hand. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post, url } from '@/api/client';
import type { ContactRef, CursorPage } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { toast, toastError } from '@/ui/toast';
import classes from './PeopleTab.module.css';

interface AddPersonProps {
  flowKey: string;
  opened: boolean;
  onClose: () => void;
}

export function AddPerson({ flowKey, opened, onClose }: AddPersonProps) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [found, setFound] = useState<ContactRef[] | null>(null);
  const look = useMutation({
    mutationFn: () => get<CursorPage<ContactRef>>('/api/contacts/', { search: text, limit: 6 }),
    onSuccess: (page) => setFound(page.results),
    onError: (error) => toastError(error),
  });
  const add = useMutation({
    mutationFn: (contact: ContactRef) =>
      post(url`/api/flows/${flowKey}/add/`, { contact: contact.id }),
    onSuccess: (_, contact) => {
      toast(t`${contactName(contact)} was added.`);
      void client.invalidateQueries({ queryKey: ['flow-visits', flowKey] });
      onClose();
    },
    onError: (error) => toastError(error),
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>
          <Trans>Add a person</Trans>
        </strong>
      }
      size={440}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          look.mutate();
        }}
      >
        <Group gap={8} align="end">
          <TextInput
            flex={1}
            label={t`Name, e-mail or id`}
            data-autofocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={look.isPending}>
            <Trans>Find</Trans>
          </Button>
        </Group>
      </form>
      <ul className={classes.found}>
        {found?.map((contact) => (
          <li key={contact.id}>
            <Avatar name={contactName(contact)} size={24} />
            <span>{contactName(contact)}</span>
            <Button variant="default" size="compact-xs" onClick={() => add.mutate(contact)}>
              <Trans>Add</Trans>
            </Button>
          </li>
        ))}
        {found?.length === 0 && (
          <li>
            <Trans>Nobody fits.</Trans>
          </li>
        )}
      </ul>
    </Modal>
  );
}
