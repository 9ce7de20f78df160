/** The outbox: what was sent and what was not, and each message as it looks. */
import { t } from '@lingui/core/macro';
import { Select } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useFlowChoices, useRows } from '@/api/queries';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { STATES } from './MessageStatus';
import classes from './Messages.module.css';
import { ReadingPane } from './ReadingPane';
import type { MessageRow } from './types';

const COLUMNS: Column<MessageRow>[] = [
  {
    key: 'what',
    header: t`Message`,
    render: (message) => (
      <span className={classes.item}>
        <span>
          <strong>{message.subject || t`No subject`}</strong>
          <TimeAgo at={message.sent_at ?? message.created_at} />
        </span>
        <span>
          <small>
            {message.to || contactName(message.contact)}
            {message.reason ? ` · ${message.reason}` : ''}
          </small>
          <StatusBadge tone={STATES[message.status].tone}>
            {STATES[message.status].name}
          </StatusBadge>
        </span>
      </span>
    ),
  },
];

export function MessagesPage() {
  const navigate = useNavigate();
  const { history } = useRouter();
  const { flow, status, search, message: chosen } = useSearch({ from: '/shell/messages' });
  const { data: flows = [] } = useFlowChoices();
  const list = useRows<MessageRow>(
    ['messages', 'list'],
    '/api/messages/',
    { flow, status, search, limit: 50 },
    5_000,
  );
  // the newest when one came here: those that arrive later do not take its place
  const [first, setFirst] = useState<number | null>(null);
  const newest = list.rows[0]?.id ?? null;
  if (first === null && newest !== null) setFirst(newest);
  const open = chosen ?? first;
  const narrowed = Boolean(flow || status || search);
  const go = (part: { flow?: string; status?: string; search?: string; message?: number }) => {
    // Whoever has gone elsewhere while a search was typed is not called back.
    if (history.location.pathname !== '/messages') return;
    const next = { flow, status, search, ...part };
    const said = Object.fromEntries(Object.entries(next).filter(([, value]) => value));
    void navigate({ to: '/messages', search: said, replace: true });
  };

  return (
    <Page
      title={t`Messages`}
      flush
      actions={
        <>
          <Select
            aria-label={t`Only of a flow`}
            placeholder={t`Of any flow`}
            w={144}
            clearable
            searchable
            data={flows.map((each) => ({ value: each.key, label: each.name }))}
            value={flow ?? null}
            onChange={(key) => go({ flow: key ?? undefined })}
          />
          <Select
            aria-label={t`Only of a status`}
            placeholder={t`Any status`}
            w={118}
            clearable
            data={Object.entries(STATES).map(([value, { name }]) => ({ value, label: name }))}
            value={status ?? null}
            onChange={(next) => go({ status: next ?? undefined })}
          />
          <SearchInput
            label={t`Address or subject`}
            value={search}
            onSearch={(typed) => go({ search: typed || undefined })}
            width={190}
          />
        </>
      }
    >
      {!list.isPending && !list.error && list.rows.length === 0 && !narrowed ? (
        <EmptyState
          icon={<IconInbox size={22} />}
          title={t`No message so far`}
          text={t`Every e-mail that a flow sends is kept here as it looked, and every one that was withheld, with the reason.`}
        />
      ) : (
        <div className={classes.split}>
          <div className={classes.list}>
            <DataTable
              label={t`Messages`}
              columns={COLUMNS}
              rowHeight={62}
              rowKey={(message) => message.id}
              selected={open ?? null}
              onRowClick={(message) => go({ message: message.id })}
              empty={
                <EmptyState compact title={t`No message like that`} text={t`Take a filter away.`} />
              }
              {...list}
            />
          </div>
          <div className={classes.reading}>{open && <ReadingPane key={open} id={open} />}</div>
        </div>
      )}
    </Page>
  );
}
