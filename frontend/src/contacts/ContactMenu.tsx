/** What can be done with a contact as a whole. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { del, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { contactName } from '@/ui/contact';
import { toast, toastError } from '@/ui/toast';
import type { Contact } from './types';

export function ContactMenu({ contact }: { contact: Contact }) {
  const canEdit = useCanEdit();
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => del(url`/api/contacts/${contact.id}/`),
    onSuccess: async () => {
      toast(t`${contactName(contact)} and all their data are gone.`);
      await navigate({ to: '/contacts' });
      client.removeQueries({ queryKey: ['contact', String(contact.id)] });
      void client.invalidateQueries({ queryKey: ['contacts'] });
    },
    onError: (error) => toastError(error, t`The contact was not deleted`),
  });
  if (!canEdit) return null;
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={180}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t`More for this contact`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={14} />}
            onClick={() => setAsking(true)}
          >
            <Trans>Delete…</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking}
        title={t`Delete ${contactName(contact)}?`}
        confirm={t`Delete for good`}
        danger
        busy={remove.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate()}
      >
        <Trans>
          Their fields, events, consents, memberships, visits and messages go with them. This cannot
          be undone.
        </Trans>
      </ConfirmDialog>
    </>
  );
}
