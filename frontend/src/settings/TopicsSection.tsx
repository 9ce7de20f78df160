/** What contacts may choose to hear about. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { IconMailHeart } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, patch, post, url } from '@/api/client';
import { useTopics } from '@/api/queries';
import type { Topic } from '@/api/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { slug } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';

export function TopicsSection() {
  const { data: topics = [], isPending, error } = useTopics();
  const [edited, setEdited] = useState<Topic | 'new' | null>(null);
  const create = (
    <GuardedButton onClick={() => setEdited('new')}>
      <Trans>New topic</Trans>
    </GuardedButton>
  );
  const columns: Column<Topic>[] = [
    {
      key: 'name',
      header: t`Topic`,
      render: (topic) => <strong className={classes.name}>{topic.name}</strong>,
    },
    { key: 'key', header: t`Key`, render: (topic) => <code>{topic.key}</code> },
    {
      key: 'silence',
      header: t`Who has not chosen`,
      width: '220px',
      render: (topic) => (topic.opt_in ? t`gets nothing (opt-in)` : t`gets it (opt-out)`),
    },
    {
      key: 'act',
      header: '',
      width: '80px',
      align: 'right',
      render: (topic) => (
        <GuardedButton variant="subtle" size="compact-xs" onClick={() => setEdited(topic)}>
          <Trans>Edit</Trans>
        </GuardedButton>
      ),
    },
  ];
  return (
    <>
      <SectionHead action={create}>
        <Trans>
          Every marketing e-mail is on a topic, and nobody gets one on a topic they left. A topic
          says what silence means.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Topics`}
        columns={columns}
        rows={topics}
        rowKey={(topic) => topic.key}
        isPending={isPending}
        error={error}
        empty={
          <EmptyState
            compact
            icon={<IconMailHeart size={22} />}
            title={t`No topic yet`}
            text={t`A newsletter, offers, product news: people choose them one by one.`}
            action={create}
          />
        }
      />
      {edited && (
        <EditTopic topic={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </>
  );
}

function EditTopic({ topic, onClose }: { topic: Topic | null; onClose: () => void }) {
  const [name, setName] = useState(topic?.name ?? '');
  const [optIn, setOptIn] = useState(topic?.opt_in ?? true);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), opt_in: optIn };
      return topic
        ? patch<Topic>(url`/api/topics/${topic.key}/`, body)
        : post<Topic>('/api/topics/', { key: slug(name), ...body });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['topics'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  const { error } = save;
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={<strong>{topic ? t`Topic “${topic.name}”` : t`New topic`}</strong>}
    >
      <form onSubmit={submit}>
        <Stack gap={14}>
          <TextInput
            label={t`Name`}
            description={t`As people read it when they choose.`}
            placeholder={t`Newsletter`}
            data-autofocus
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={
              error instanceof ApiError
                ? (error.at('name') ?? error.at('key') ?? error.message)
                : undefined
            }
          />
          <Radio.Group
            label={t`Who has not chosen`}
            value={optIn ? 'in' : 'out'}
            onChange={(value) => setOptIn(value === 'in')}
          >
            <Stack gap={6} mt={6}>
              <Radio size="xs" value="in" label={t`gets nothing until they say yes (opt-in)`} />
              <Radio size="xs" value="out" label={t`gets it until they say no (opt-out)`} />
            </Stack>
          </Radio.Group>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" disabled={!slug(name)} loading={save.isPending}>
              {topic ? t`Save` : t`Make topic`}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
