/** The messages that went out last. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { STATES } from '@/messages/MessageStatus';
import type { MessageRow } from '@/messages/types';
import { contactName } from '@/ui/contact';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import page from './Home.module.css';
import classes from './Latest.module.css';

export function Latest({ messages }: { messages: readonly MessageRow[] | undefined }) {
  return (
    <div className={classes.latest}>
      <h2 className={page.title}>
        <Trans>Latest messages</Trans>
      </h2>
      {!messages && <Skeleton height={240} />}
      {messages?.length === 0 && (
        <p>
          <Trans>Nothing was sent so far.</Trans>
        </p>
      )}
      <ul>
        {messages?.map((message) => (
          <li key={message.id}>
            <Link to="/messages" search={{ message: message.id }}>
              <strong>{message.subject || t`No subject`}</strong>
              <span className={classes.about}>
                <span>{contactName(message.contact)}</span>
                {message.status !== 'sent' && (
                  <StatusBadge tone={STATES[message.status].tone}>
                    {STATES[message.status].name}
                  </StatusBadge>
                )}
                <TimeAgo at={message.sent_at ?? message.created_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {messages && messages.length > 0 && (
        <Link to="/messages" className={classes.all}>
          <Trans>All messages</Trans>
        </Link>
      )}
    </div>
  );
}
