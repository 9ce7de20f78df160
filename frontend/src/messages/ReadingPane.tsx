/** One message as whoever got it saw it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, url } from '@/api/client';
import { useFlowName, useMe } from '@/api/queries';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { sentence } from '@/ui/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { KEPT, STATES } from './MessageStatus';
import classes from './Messages.module.css';
import type { MessageDetail } from './types';

export function ReadingPane({ id }: { id: number }) {
  const [view, setView] = useState('html');
  const flowName = useFlowName();
  const { data: me } = useMe();
  const { data, error } = useQuery({
    queryKey: ['message', id],
    queryFn: () => get<MessageDetail>(url`/api/messages/${id}/`),
    refetchInterval: (query) =>
      ['queued', 'sending'].includes(query.state.data?.status ?? '') ? 3_000 : false,
  });
  if (error) return <EmptyState title={t`This message cannot be shown`} text={error.message} />;
  if (!data) return <Skeleton height={240} m={24} w="auto" />;
  const state = STATES[data.status];
  const unsent = data.status !== 'sent';
  const kept = data.status === 'sent' && me?.workspace.sends_email === false;
  return (
    <article className={classes.message} aria-label={data.subject}>
      <header>
        <h2>{data.subject || t`No subject`}</h2>
        <div className={classes.meta}>
          <span>
            <Trans>
              to{' '}
              <Link to="/contacts/$id" params={{ id: String(data.contact.id) }}>
                <strong>{contactName(data.contact)}</strong>
              </Link>
              {data.to && data.to !== contactName(data.contact) ? ` · ${data.to}` : ''}
              {data.flow && (
                <>
                  {t` · from `}
                  <Link
                    to="/flows/$key"
                    params={{ key: data.flow }}
                    search={data.node ? { tab: 'live', node: data.node } : { tab: 'live' }}
                  >
                    {flowName(data.flow)}
                  </Link>
                </>
              )}
            </Trans>
          </span>
          <SegmentedControl
            aria-label={t`How to show it`}
            size="xs"
            value={view}
            onChange={setView}
            data={[
              { value: 'html', label: t`As it looks` },
              { value: 'text', label: t`Text` },
            ]}
          />
        </div>
        <p className={classes.state}>
          <StatusBadge tone={state.tone}>{state.name}</StatusBadge>
          <span>
            {data.reason ? sentence(data.reason) : kept ? KEPT : state.says}{' '}
            <TimeAgo at={data.sent_at ?? data.created_at} />
          </span>
        </p>
        {data.error && <p className={classes.fault}>{data.error}</p>}
        {unsent && (data.html || data.text) && (
          <p className={classes.note}>
            <Trans>This is how it would look now.</Trans>
          </p>
        )}
      </header>
      {view === 'html' && data.html ? (
        <iframe
          title={t`The message as it looks`}
          className={classes.frame}
          sandbox="allow-popups"
          src={url`/api/messages/${id}/html/`}
        />
      ) : (
        <pre className={classes.text}>{data.text || t`This message has no text part.`}</pre>
      )}
    </article>
  );
}
