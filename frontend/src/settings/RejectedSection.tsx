/** Messages that could not be taken in: to be looked at, tried again or discarded. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { del, post, url } from '@/api/client';
import { useRows } from '@/api/queries';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { exactInstant } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';
import type { RejectedMessage } from './types';

function kindOf({ payload }: RejectedMessage): string {
  const { type, event } = payload;
  return [type, event].filter((each) => typeof each === 'string' && each).join(' · ') || 'message';
}

function useActions() {
  const client = useQueryClient();
  const after = () => client.invalidateQueries({ queryKey: ['rejected'] });
  const retry = useMutation({
    mutationFn: (message: RejectedMessage | null) =>
      post<{ count: number }>(
        message ? url`/api/rejected/${message.id}/retry/` : '/api/rejected/retry/',
      ),
    onSuccess: ({ count }) => {
      toast(
        t`${plural(count, { one: '# message', other: '# messages' })} put back to be taken in again.`,
      );
      void after();
    },
    onError: (error) => toastError(error),
  });
  const discard = useMutation({
    mutationFn: (message: RejectedMessage) => del(url`/api/rejected/${message.id}/`),
    onSuccess: after,
    onError: (error) => toastError(error),
  });
  return { retry, discard };
}

export function RejectedSection() {
  const list = useRows<RejectedMessage>(['rejected'], '/api/rejected/', { limit: 100 }, 10_000);
  const { retry, discard } = useActions();
  const [looked, setLooked] = useState<RejectedMessage | null>(null);
  const [discarding, setDiscarding] = useState<RejectedMessage | null>(null);
  const columns: Column<RejectedMessage>[] = [
    {
      key: 'reason',
      header: t`Why it was set aside`,
      width: 'minmax(0, 3fr)',
      render: (message) => <strong className={classes.name}>{message.reason}</strong>,
    },
    { key: 'what', header: t`Message`, width: 'minmax(0, 2fr)', render: kindOf },
    {
      key: 'at',
      header: t`Received`,
      width: '100px',
      render: (message) => <TimeAgo at={message.received_at} />,
    },
    {
      key: 'act',
      header: '',
      width: '150px',
      align: 'right',
      render: (message) => (
        <>
          <GuardedButton
            variant="subtle"
            size="compact-xs"
            onClick={(event) => {
              event.stopPropagation();
              retry.mutate(message);
            }}
          >
            <Trans>Retry</Trans>
          </GuardedButton>
          <GuardedButton
            variant="subtle"
            color="red"
            size="compact-xs"
            onClick={(event) => {
              event.stopPropagation();
              setDiscarding(message);
            }}
          >
            <Trans>Discard</Trans>
          </GuardedButton>
        </>
      ),
    },
  ];
  return (
    <>
      <SectionHead
        action={
          list.rows.length > 0 && (
            <GuardedButton
              variant="default"
              loading={retry.isPending}
              onClick={() => retry.mutate(null)}
            >
              <Trans>Retry all</Trans>
            </GuardedButton>
          )
        }
      >
        <Trans>
          What sources sent and could not be understood is set aside here, so that nothing is lost
          and nothing else is held up.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Rejected messages`}
        columns={columns}
        rowKey={(message) => message.id}
        onRowClick={setLooked}
        empty={
          <EmptyState
            compact
            icon={<IconChecks size={22} />}
            title={t`Nothing was rejected`}
            text={t`Every message was understood and taken in.`}
          />
        }
        {...list}
      />
      <Modal
        opened={looked !== null}
        onClose={() => setLooked(null)}
        size={620}
        title={<strong>{looked?.reason}</strong>}
      >
        {looked && (
          <>
            <p className={classes.once}>
              <Trans>Received {exactInstant(looked.received_at)}</Trans>
            </p>
            <pre className={classes.payload}>{JSON.stringify(looked.payload, null, 2)}</pre>
          </>
        )}
      </Modal>
      <ConfirmDialog
        opened={discarding !== null}
        title={t`Discard this message?`}
        confirm={t`Discard`}
        danger
        busy={discard.isPending}
        onClose={() => setDiscarding(null)}
        onConfirm={() =>
          discarding && discard.mutate(discarding, { onSettled: () => setDiscarding(null) })
        }
      >
        <Trans>What it said is lost: {discarding && kindOf(discarding)}.</Trans>
      </ConfirmDialog>
    </>
  );
}
