/** How steps reach other systems: the Slack channel, and the secret that calls are signed with. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Anchor, Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, get, patch, post } from '@/api/client';
import { useWorkspace } from '@/api/queries';
import type { Workspace } from '@/api/types';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton, useRefusal } from '@/ui/GuardedButton';
import { StatusBadge } from '@/ui/StatusBadge';
import { toast, toastError } from '@/ui/toast';
import { Copyable } from './SecretDialog';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';

export function SendingSection() {
  const { data, error } = useWorkspace();
  if (error) return <EmptyState compact title={t`This cannot be shown`} text={error.message} />;
  if (!data) return null;
  return (
    <>
      <SectionHead>
        <Trans>What steps of flows need to reach other systems.</Trans>
      </SectionHead>
      <Stack gap={28} maw={560}>
        <Slack connected={Boolean(data.slack_webhook_set)} />
        <SigningSecret />
      </Stack>
    </>
  );
}

function Slack({ connected }: { connected: boolean }) {
  const client = useQueryClient();
  const refusal = useRefusal(true);
  const [address, setAddress] = useState('');
  const [leaving, setLeaving] = useState(false);
  const save = useMutation({
    mutationFn: (slack_webhook: string) => patch<Workspace>('/api/workspace/', { slack_webhook }),
    onSuccess: (answer, given) => {
      client.setQueryData(['workspace'], answer);
      setAddress('');
      setLeaving(false);
      toast(given ? t`Slack is connected.` : t`Slack is no longer connected.`);
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.at('slack_webhook'))) toastError(error);
    },
  });
  const refused = save.error instanceof ApiError ? save.error.at('slack_webhook') : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim()) save.mutate(address.trim());
  };
  return (
    <section aria-labelledby="slack">
      <h2 id="slack" className={classes.sub}>
        <Trans>
          Slack{' '}
          <StatusBadge tone={connected ? 'accent' : 'quiet'}>
            {connected ? t`Connected` : t`Not connected`}
          </StatusBadge>
        </Trans>
      </h2>
      <p className={classes.once}>
        <Trans>
          The step “Tell Slack” writes to one channel, by an{' '}
          <Anchor
            underline="always"
            href="https://api.slack.com/messaging/webhooks"
            target="_blank"
            rel="noreferrer"
          >
            incoming webhook
          </Anchor>{' '}
          that you make in Slack. Its address is a secret: it can be replaced here, but not be read
          again.
        </Trans>
      </p>
      <form onSubmit={submit}>
        <Group gap={8} align="start">
          <PasswordInput
            flex={1}
            size="xs"
            aria-label={t`Address of the incoming webhook`}
            placeholder={
              connected ? t`A new address, to replace the present` : 'https://hooks.slack.com/…'
            }
            autoComplete="off"
            readOnly={refusal !== null}
            value={address}
            error={refused}
            visibilityToggleButtonProps={{ 'aria-label': t`Show or hide the address` }}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <GuardedButton
            admin
            type="submit"
            loading={save.isPending}
            because={address.trim() ? null : t`Paste the address first.`}
          >
            {connected ? t`Replace` : t`Connect`}
          </GuardedButton>
          {connected && (
            <GuardedButton admin variant="default" onClick={() => setLeaving(true)}>
              <Trans>Disconnect</Trans>
            </GuardedButton>
          )}
        </Group>
      </form>
      <ConfirmDialog
        opened={leaving}
        title={t`Disconnect Slack?`}
        confirm={t`Disconnect`}
        danger
        busy={save.isPending}
        onClose={() => setLeaving(false)}
        onConfirm={() => save.mutate('')}
      >
        <Trans>Steps that tell Slack reach nobody then. People in flows go on all the same.</Trans>
      </ConfirmDialog>
    </section>
  );
}

const SECRET = '/api/workspace/webhook-secret/';

function SigningSecret() {
  const client = useQueryClient();
  const refusal = useRefusal(true);
  const [shown, setShown] = useState(false);
  const [asked, setAsked] = useState(false);
  const secret = useQuery({
    queryKey: ['webhook-secret'],
    queryFn: () => get<{ secret: string }>(SECRET),
    enabled: shown && refusal === null,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rotate = useMutation({
    mutationFn: () => post<{ secret: string }>(SECRET),
    onSuccess: (answer) => {
      client.setQueryData(['webhook-secret'], answer);
      setShown(true);
      setAsked(false);
      toast(t`Calls are signed with the new secret, and with the one before it as well.`);
    },
    onError: (error) => toastError(error, t`The secret was not changed`),
  });
  return (
    <section aria-labelledby="signing">
      <h2 id="signing" className={classes.sub}>
        <Trans>Signing secret of webhooks</Trans>
      </h2>
      <p className={classes.once}>
        <Trans>
          Every call of a webhook step carries a signature in the manner of{' '}
          <Anchor
            underline="always"
            href="https://www.standardwebhooks.com/"
            target="_blank"
            rel="noreferrer"
          >
            Standard Webhooks
          </Anchor>
          . Whoever receives it checks by this secret that the call is yours.
        </Trans>
      </p>
      {shown && secret.data && <Copyable text={secret.data.secret} label={t`secret`} />}
      {shown && secret.error && <p className={classes.warning}>{secret.error.message}</p>}
      <Group gap={8} mt={shown ? 10 : 0}>
        {refusal === null && shown ? (
          <Button variant="default" onClick={() => setShown(false)}>
            <Trans>Hide</Trans>
          </Button>
        ) : (
          <GuardedButton admin variant="default" onClick={() => setShown(true)}>
            <Trans>Show the secret</Trans>
          </GuardedButton>
        )}
        <GuardedButton admin variant="default" onClick={() => setAsked(true)}>
          <Trans>Make a new one…</Trans>
        </GuardedButton>
      </Group>
      <ConfirmDialog
        opened={asked}
        title={t`Make a new signing secret?`}
        confirm={t`Make a new one`}
        busy={rotate.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => rotate.mutate()}
      >
        <Trans>
          Until the next change, calls are signed with both, so receivers can be told one after
          another. The secret before the present one is no longer used.
        </Trans>
      </ConfirmDialog>
    </section>
  );
}
