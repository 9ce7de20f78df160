/** What was sent to a contact, or was not, and why. */
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
    header: 'Subject',
    width: 'minmax(0, 3fr)',
    render: (message) => message.subject || 'No subject',
  },
  {
    key: 'status',
    header: 'Status',
    width: 'minmax(0, 2fr)',
    render: (message) => <MessageStatus message={message} />,
  },
  {
    key: 'flow',
    header: 'Flow',
    width: 'minmax(0, 1fr)',
    render: (message) => (message.flow ? <FlowName flow={message.flow} /> : '–'),
  },
  {
    key: 'at',
    header: 'When',
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
      label="Messages to this contact"
      columns={COLUMNS}
      rowKey={(message) => message.id}
      onRowClick={(message) => navigate({ to: '/messages', search: { message: message.id } })}
      empty={
        <EmptyState
          icon={<IconMail size={22} />}
          title="No message so far"
          text="What flows send to this contact is kept here, also what was withheld, with the reason."
        />
      }
      {...messages}
    />
  );
}
