/** What was sent to a contact, or was not, and why. */
import { t } from '@lingui/core/macro';
import { IconMail } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useFlowName, useRows } from '@/api/queries';
import { MessageStatus } from '@/messages/MessageStatus';
import type { MessageRow } from '@/messages/types';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { TimeAgo } from '@/ui/TimeAgo';

function FlowName({ flow }: { flow: string }) {
  const nameOf = useFlowName();
  return nameOf(flow);
}

const COLUMNS: Column<MessageRow>[] = [
  {
    key: 'subject',
    header: t`Subject`,
    width: 'minmax(0, 3fr)',
    render: (message) => message.subject || t`No subject`,
  },
  {
    key: 'status',
    header: t`Status`,
    width: 'minmax(0, 2fr)',
    render: (message) => <MessageStatus message={message} />,
  },
  {
    key: 'flow',
    header: t`Flow`,
    width: 'minmax(0, 1fr)',
    render: (message) => (message.flow ? <FlowName flow={message.flow} /> : '–'),
  },
  {
    key: 'at',
    header: t`When`,
    width: '100px',
    align: 'right',
    render: (message) => <TimeAgo at={message.sent_at ?? message.created_at} />,
  },
];

export function ContactMessages({ contact }: { contact: string }) {
  const navigate = useNavigate();
  const messages = useRows<MessageRow>(
    ['messages', 'of', contact],
    '/api/messages/',
    { contact, limit: 50 },
    10_000,
  );
  return (
    <DataTable
      label={t`Messages to this contact`}
      columns={COLUMNS}
      rowKey={(message) => message.id}
      onRowClick={(message) => navigate({ to: '/messages', search: { message: message.id } })}
      empty={
        <EmptyState
          icon={<IconMail size={22} />}
          title={t`No message so far`}
          text={t`What flows send to this contact is kept here, also what was withheld, with the reason.`}
        />
      }
      {...messages}
    />
  );
}
