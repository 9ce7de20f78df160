/** The segments a contact is in, and why. */
import { Button, Select, Skeleton } from '@mantine/core';
import { IconTarget } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, url } from '@/api/client';
import { useSegments } from '@/api/queries';
import type { CursorPage } from '@/api/types';
import { kindName } from '@/segments/kinds';
import { WhyDialog } from '@/segments/WhyDialog';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import page from './Contact.module.css';
import classes from './ContactSegments.module.css';
import type { Contact, Membership } from './types';

export function ContactSegments({ contact }: { contact: Contact }) {
  const [asked, setAsked] = useState<{ key: string; name: string } | null>(null);
  const { data: all = [] } = useSegments();
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
  if (error) return <EmptyState compact title="This cannot be shown" text={error.message} />;
  if (!data) return <Skeleton height={160} maw={720} />;
  const others = all.filter((each) => !data.some((member) => member.key === each.key));

  return (
    <div className={page.stack}>
      {data.length === 0 ? (
        <EmptyState
          compact
          icon={<IconTarget size={22} />}
          title="In no segment now"
          text="Ask below why they are not in one."
        />
      ) : (
        <ul className={classes.cards}>
          {data.map((member) => (
            <li key={member.key}>
              <Link to="/segments/$key" params={{ key: member.key }}>
                <strong>{member.name}</strong>
                <span>
                  {kindName(member.kind)}, since <TimeAgo at={member.since} />
                </span>
              </Link>
              {member.by_hand && <StatusBadge dot={false}>by hand</StatusBadge>}
              <Button variant="default" onClick={() => setAsked(member)}>
                Why?
              </Button>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <Select
          label="Why is this person not in …"
          placeholder="Choose a segment"
          maw={320}
          searchable
          data={others.map((each) => ({ value: each.key, label: each.name }))}
          value={null}
          onChange={(key) => setAsked(others.find((each) => each.key === key) ?? null)}
        />
      )}
      {asked && (
        <WhyDialog opened onClose={() => setAsked(null)} segment={asked} contact={contact} />
      )}
    </div>
  );
}
