/** Everybody the workspace knows: searched on the server, read page by page as one scrolls. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMediaQuery } from '@mantine/hooks';
import { IconUsers } from '@tabler/icons-react';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useRows } from '@/api/queries';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import { CreateContact } from './CreateContact';
import { PersonCell } from './PersonCell';
import type { ContactRow } from './types';

const place = ({ city, country }: ContactRow['fields']): string =>
  [city, country].filter((each) => typeof each === 'string' && each).join(', ');

const COLUMNS: Column<ContactRow>[] = [
  {
    key: 'who',
    header: t`Person`,
    width: 'minmax(220px, 3fr)',
    render: (contact) => <PersonCell contact={contact} />,
  },
  {
    key: 'id',
    header: t`External id`,
    width: 'minmax(0, 2fr)',
    render: (contact) => contact.external_id ?? '–',
  },
  {
    key: 'place',
    header: t`Place`,
    width: 'minmax(0, 1.5fr)',
    render: (contact) => place(contact.fields) || '–',
  },
  {
    key: 'score',
    header: t`Score`,
    width: '70px',
    align: 'right',
    render: (contact) => number(contact.score),
  },
  {
    key: 'seen',
    header: t`Last seen`,
    width: '100px',
    align: 'right',
    render: (contact) => <TimeAgo at={contact.last_seen_at} empty={t`never`} />,
  },
  {
    key: 'since',
    header: t`Known since`,
    width: '100px',
    align: 'right',
    render: (contact) => <TimeAgo at={contact.created_at} />,
  },
];

/** What there is room for on a phone. */
const NARROW = COLUMNS.filter(({ key }) => key === 'who' || key === 'seen').map((column) => ({
  ...column,
  width: column.key === 'who' ? 'minmax(0, 1fr)' : '84px',
}));

export function ContactsPage() {
  const phone = useMediaQuery('(max-width: 760px)');
  const navigate = useNavigate();
  const { history } = useRouter();
  const { search = '' } = useSearch({ from: '/shell/contacts' });
  const [creating, setCreating] = useState(false);
  const list = useRows<ContactRow>(['contacts', 'list'], '/api/contacts/', {
    search,
    limit: 100,
  });
  return (
    <Page
      title={t`Contacts`}
      actions={
        <>
          <SearchInput
            label={t`Name, e-mail or id`}
            value={search}
            width={220}
            onSearch={(typed) => {
              // Whoever has gone to a row meanwhile is not called back.
              if (history.location.pathname !== '/contacts') return;
              void navigate({
                to: '/contacts',
                search: typed ? { search: typed } : {},
                replace: true,
              });
            }}
          />
          <GuardedButton variant="default" onClick={() => navigate({ to: '/contacts/import' })}>
            <Trans>Import</Trans>
          </GuardedButton>
          <GuardedButton onClick={() => setCreating(true)}>
            <Trans>New contact</Trans>
          </GuardedButton>
        </>
      }
    >
      <DataTable
        label={t`Contacts`}
        columns={phone ? NARROW : COLUMNS}
        rowHeight={48}
        rowKey={(contact) => contact.id}
        onRowClick={(contact) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={
          search ? (
            <EmptyState
              title={t`Nobody is found`}
              text={t`No name, e-mail or id has “${search}” in it.`}
            />
          ) : (
            <EmptyState
              icon={<IconUsers size={22} />}
              title={t`Nobody yet`}
              text={t`People appear here by themselves once your site or app sends data. Make a source in Settings and paste its few lines, or add somebody by hand.`}
              action={
                <GuardedButton
                  onClick={() => navigate({ to: '/settings', search: { tab: 'sources' } })}
                >
                  <Trans>Connect a source</Trans>
                </GuardedButton>
              }
            />
          )
        }
        {...list}
      />
      <CreateContact opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
