/** Everybody the workspace knows: searched on the server, read page by page as one scrolls. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMediaQuery } from '@mantine/hooks';
import { IconUsers } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRows } from '@/api/queries';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import { useDialogInAddress } from '@/ui/useDialogInAddress';
import { useSearchInAddress } from '@/ui/useSearchInAddress';
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
  const [search, setSearch] = useSearchInAddress();
  const [creating, openNew, closeNew] = useDialogInAddress('new');
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
            onSearch={setSearch}
          />
          <GuardedButton variant="default" onClick={() => navigate({ to: '/contacts/import' })}>
            <Trans>Import</Trans>
          </GuardedButton>
          <GuardedButton onClick={openNew}>
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
      <CreateContact opened={creating} onClose={closeNew} />
    </Page>
  );
}
