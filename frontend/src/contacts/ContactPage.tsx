/** One contact: who they are, what they did, which segments and flows they are in, what they got. */
import { t } from '@lingui/core/macro';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { get, url } from '@/api/client';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { Page } from '@/ui/Page';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Contact.module.css';
import { ContactFields } from './ContactFields';
import { ContactMenu } from './ContactMenu';
import { ContactMessages } from './ContactMessages';
import { ContactScore } from './ContactScore';
import { ContactSegments } from './ContactSegments';
import { ContactVisits } from './ContactVisits';
import { Timeline } from './Timeline';
import type { Contact } from './types';

const CRUMBS = [{ label: t`Contacts`, to: '/contacts' }];
const UNREACHABLE: Record<string, string> = {
  no_address: t`No e-mail address is known.`,
  unsubscribed: t`They unsubscribed from everything.`,
  complained: t`They complained about an e-mail.`,
  hard_bounced: t`Their address does not exist: an e-mail bounced hard.`,
  soft_bounced: t`Their mailbox refused four e-mails or more.`,
};
const TABS = [
  { value: 'timeline', label: t`Timeline` },
  { value: 'segments', label: t`Segments` },
  { value: 'score', label: t`Score` },
  { value: 'flows', label: t`Flows` },
  { value: 'messages', label: t`Messages` },
];

export function ContactPage() {
  const { id } = useParams({ from: '/shell/contacts/$id' });
  const { tab: asked } = useSearch({ from: '/shell/contacts/$id' });
  const navigate = useNavigate();
  const tab = TABS.find((each) => each.value === asked)?.value ?? 'timeline';
  const { data, error } = useQuery({
    queryKey: ['contact', id],
    queryFn: () => get<Contact>(url`/api/contacts/${id}/`),
    refetchInterval: 10_000,
  });

  if (error && !data) {
    return (
      <Page title={t`Contact`} crumbs={CRUMBS}>
        <EmptyState title={t`This contact cannot be shown`} text={error.message} />
      </Page>
    );
  }
  return (
    <Page
      title={data ? contactName(data) : t`Contact`}
      crumbs={CRUMBS}
      badge={
        data && (
          <StatusBadge tone={data.reachable.email ? 'accent' : 'warn'}>
            {data.reachable.email ? t`Reachable by e-mail` : t`Not reachable`}
          </StatusBadge>
        )
      }
      tabs={TABS}
      tab={tab}
      onTab={(next) =>
        navigate({
          to: '/contacts/$id',
          params: { id },
          search: next === 'timeline' ? {} : { tab: next },
          replace: true,
        })
      }
      actions={data && <ContactMenu contact={data} />}
      asideLabel={t`Fields`}
      aside={data ? <ContactFields contact={data} /> : <Skeleton height={400} m={16} w="auto" />}
    >
      {data ? <Head contact={data} /> : <Skeleton height={64} mb={20} />}
      {tab === 'timeline' && <Timeline contact={id} />}
      {tab === 'segments' && data && <ContactSegments contact={data} />}
      {tab === 'score' && <ContactScore contact={id} />}
      {tab === 'flows' && <ContactVisits contact={id} />}
      {tab === 'messages' && <ContactMessages contact={id} />}
    </Page>
  );
}

function Head({ contact }: { contact: Contact }) {
  const name = contactName(contact);
  const ids = [contact.email, contact.external_id].filter((each) => each && each !== name);
  return (
    <div className={classes.head}>
      <div className={classes.who}>
        <Avatar name={name} size={44} />
        <div>
          <strong>{name}</strong>
          <span>{ids.join(' · ') || t`No other identity`}</span>
          {!contact.reachable.email && contact.reachable.reason && (
            <span className={classes.unreachable}>
              {UNREACHABLE[contact.reachable.reason] ?? t`E-mail does not reach them.`}
            </span>
          )}
        </div>
      </div>
      <div className={classes.numbers}>
        <KeyNumbers>
          <KeyNumber value={number(contact.score)} label={t`score`} />
          <KeyNumber
            value={<TimeAgo at={contact.last_seen_at} empty={t`never`} />}
            label={t`last seen`}
          />
          <KeyNumber value={<TimeAgo at={contact.created_at} />} label={t`first known`} />
        </KeyNumbers>
      </div>
    </div>
  );
}
