/** The dialog for a new flow: its name, and the key that follows from it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Anchor, Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, post } from '@/api/client';
import type { Flow } from '@/api/types';
import { slug } from '@/ui/format';
import classes from './FlowsPage.module.css';

export function CreateFlow({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string | null>(null);
  const key = typedKey ?? slug(name);
  const create = useMutation({
    mutationFn: () =>
      post<Flow>('/api/flows/', {
        key,
        name: name.trim(),
        graph: { nodes: [], edges: [] },
        settings: {},
      }),
    onSuccess: (flow) => {
      client.setQueryData(['flow', flow.key], flow);
      void client.invalidateQueries({ queryKey: ['flows'] });
      void navigate({ to: '/flows/$key', params: { key: flow.key }, search: { tab: 'design' } });
    },
  });
  const refused = create.error instanceof ApiError ? create.error : null;
  const general = refused && !refused.at('key') && !refused.at('name') ? refused.message : null;

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={
        <strong>
          <Trans>New flow</Trans>
        </strong>
      }
      size={420}
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput
          label={t`Name`}
          placeholder={t`Abandon cart`}
          data-autofocus
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused?.at('name') ?? general}
        />
        <TextInput
          label={t`Key`}
          description={t`Names the flow in the API and in files. It cannot be changed later.`}
          value={key}
          onChange={(event) => setTypedKey(event.currentTarget.value)}
          error={refused?.at('key')}
        />
        <Group justify="flex-end" gap={8}>
          <Anchor component={Link} to="/flows/templates" fz={13} mr="auto">
            <Trans>Begin with a template</Trans>
          </Anchor>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" disabled={!name.trim() || !key} loading={create.isPending}>
            <Trans>Create flow</Trans>
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
