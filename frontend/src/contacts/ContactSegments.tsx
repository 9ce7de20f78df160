/** The segments a contact is in, and why; and why they are not in any other. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Select, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconTarget } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, url } from '@/api/client';
import type { CursorPage, SegmentRow } from '@/api/types';
import { kindName } from '@/segments/kinds';
import { WhyDialog } from '@/segments/WhyDialog';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import page from './Contact.module.css';
import classes from './ContactSegments.module.css';
import type { Contact, Membership } from './types';

type Asked = { key: string; name: string };

export function ContactSegments({ contact }: { contact: Contact }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error } = useQuery({
    queryKey: ['contact', String(contact.id), 'segments'],
    queryFn: async () => {
      const answer = await get<Membership[] | CursorPage<Membership>>(
        url`/api/contacts/${contact.id}/segments/`,
        { limit: 200 },
      );
      return Array.isArray(answer) ? answer : answer.results;
    },
    refetchInterval: 10_000,
  });
  if (error) return <EmptyState compact title={t`This cannot be shown`} text={error.message} />;
  if (!data) return <Skeleton height={160} maw={720} />;

  return (
    <div className={page.stack}>
      <AnySegment members={data} onPick={setAsked} />
      {data.length === 0 ? (
        <EmptyState
          compact
          icon={<IconTarget size={22} />}
          title={t`In no segment now`}
          text={t`Choose one above to see what keeps them out of it.`}
        />
      ) : (
        <ul className={classes.cards}>
          {data.map((member) => (
            <li key={member.key}>
              <Link to="/segments/$key" params={{ key: member.key }}>
                <strong>{member.name}</strong>
                <span>
                  <Trans>
                    {kindName(member.kind)}, since <TimeAgo at={member.since} />
                  </Trans>
                </span>
              </Link>
              {member.by_hand && (
                <StatusBadge dot={false}>
                  <Trans>by hand</Trans>
                </StatusBadge>
              )}
              <Button
                variant="default"
                aria-label={t`Why in ${member.name}?`}
                onClick={() => setAsked(member)}
              >
                <Trans>Why?</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asked && (
        <WhyDialog opened onClose={() => setAsked(null)} segment={asked} contact={contact} />
      )}
    </div>
  );
}

interface AnySegmentProps {
  members: readonly Membership[];
  onPick: (segment: Asked) => void;
}

/** Any segment at all, found by the server: there may be more than one page of them. */
function AnySegment({ members, onPick }: AnySegmentProps) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const { data } = useQuery({
    queryKey: ['segments', 'ask', settled],
    queryFn: ({ signal }) =>
      get<CursorPage<SegmentRow>>('/api/segments/', { search: settled, limit: 50 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const found = data?.results ?? [];
  const isIn = (key: string) => members.some((member) => member.key === key);
  const options = (wanted: boolean) =>
    found
      .filter(({ key }) => isIn(key) === wanted)
      .map(({ key, name }) => ({ value: key, label: name }));
  return (
    <Select
      label={t`Why are they in a segment, or not?`}
      placeholder={t`Choose any segment`}
      maw={360}
      searchable
      nothingFoundMessage={t`No segment of that name`}
      data={[
        { group: t`Not in`, items: options(false) },
        { group: t`In`, items: options(true) },
      ].filter(({ items }) => items.length > 0)}
      value={null}
      searchValue={search}
      onSearchChange={setSearch}
      onChange={(key) => {
        const chosen = found.find((each) => each.key === key);
        if (chosen) onPick({ key: chosen.key, name: chosen.name });
        setSearch('');
      }}
    />
  );
}
