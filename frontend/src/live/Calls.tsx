/** The log of a step that calls out: each call with its answer, and the failed ones to try again. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post, url } from '@/api/client';
import type { CallRow, CursorPage, GraphNode } from '@/api/types';
import { answerWords, CALL_STATES, readable, requestLine } from '@/model/calls';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import classes from './Calls.module.css';

const SHOWN = 12;
const POLL = 4_000;

/** The kinds of steps that call out. */
export const CALLS_OUT: ReadonlySet<string> = new Set(['webhook', 'slack']);

export function Calls({ flowKey, node }: { flowKey: string; node: GraphNode }) {
  const [open, setOpen] = useState<CallRow | null>(null);
  const [failedOnly, setFailedOnly] = useState(false);
  const query = {
    flow: flowKey,
    node: node.id,
    status: failedOnly ? 'failed' : undefined,
    limit: SHOWN,
  };
  const { data, error } = useQuery({
    queryKey: ['calls', query],
    queryFn: () => get<CursorPage<CallRow>>('/api/calls/', query),
    refetchInterval: POLL,
    placeholderData: (before) => before,
    retry: false,
  });
  if (error)
    return <EmptyState compact title={t`The calls cannot be shown`} text={error.message} />;
  const calls = data?.results ?? [];
  return (
    <section aria-label={t`Calls`}>
      <h3>
        <span>
          <Trans>Calls</Trans>
        </span>
        {(failedOnly || calls.length > 0) && (
          <button
            type="button"
            className={classes.filter}
            aria-pressed={failedOnly}
            onClick={() => setFailedOnly(!failedOnly)}
          >
            {failedOnly ? t`Show all` : t`Only failed`}
          </button>
        )}
      </h3>
      {data && calls.length === 0 && (
        <p className={classes.none}>{failedOnly ? t`None has failed.` : t`None was made yet.`}</p>
      )}
      <ul className={classes.calls}>
        {calls.map((call) => (
          <li key={call.id}>
            <button type="button" onClick={() => setOpen(call)}>
              <StatusBadge tone={CALL_STATES[call.status].tone}>
                {CALL_STATES[call.status].name}
              </StatusBadge>
              <span className={classes.who}>
                <strong>{contactName(call.contact)}</strong>
                <small>{answerWords(call)}</small>
              </span>
              <TimeAgo at={call.finished_at ?? call.created_at} />
            </button>
          </li>
        ))}
      </ul>
      {open && <CallDialog call={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function CallDialog({ call, onClose }: { call: CallRow; onClose: () => void }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => post(url`/api/calls/${call.id}/retry/`),
    onSuccess: () => {
      toast(t`The call is tried again.`);
      void client.invalidateQueries({ queryKey: ['calls'] });
      void client.invalidateQueries({ queryKey: ['alerts'] });
      onClose();
    },
    onError: (error) => toastError(error, t`Not tried again`),
  });
  const { headers, body, text } = call.request;
  return (
    <Modal
      opened
      onClose={onClose}
      size={640}
      title={
        <strong>
          <Trans>Call for {contactName(call.contact)}</Trans>
        </strong>
      }
    >
      <div className={classes.dialog}>
        <p>
          <StatusBadge tone={CALL_STATES[call.status].tone}>
            {CALL_STATES[call.status].name}
          </StatusBadge>{' '}
          {answerWords(call)}
          {call.next_try_at && call.status === 'queued' && (
            <Trans>
              , next try <TimeAgo at={call.next_try_at} />
            </Trans>
          )}
        </p>
        <Part title={t`Asked`} text={requestLine(call)} />
        <Part title={t`Headers`} text={headers ? readable(headers) : ''} />
        <Part title={t`Body`} text={readable(body ?? text)} />
        <Part title={t`Answered`} text={readable(call.answer?.body ?? call.answer?.error)} />
      </div>
      {call.status === 'failed' && (
        <div className={classes.foot}>
          <GuardedButton loading={retry.isPending} onClick={() => retry.mutate()}>
            <Trans>Try again</Trans>
          </GuardedButton>
        </div>
      )}
    </Modal>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  if (!text) return null;
  return (
    <div>
      <h3>{title}</h3>
      <pre>{text}</pre>
    </div>
  );
}
