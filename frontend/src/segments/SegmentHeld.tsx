/** The tab "Held": who is in or out because of a hand, whatever the rule says. */
import { t } from '@lingui/core/macro';
import { Button } from '@mantine/core';
import { IconDoorEnter, IconDoorExit } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { ContactRef, Sent } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './Segment.module.css';
import type { Segment } from './types';
import { useByHand } from './useByHand';

type Member = Sent<'Member'>;
type HeldOut = Sent<'HeldOut'>;

/** What holding means differs by the kind of segment. */
const SAYS: Record<Segment['kind'], { in: string; out: string }> = {
  dynamic: {
    in: t`Added by hand, an import or a flow: the rule does not take them out.`,
    out: t`Taken out by hand while the rule was true: they stay out until it has turned false.`,
  },
  growing: {
    in: t`Added by hand, an import or a flow. The rule never takes anybody out of a growing segment.`,
    out: t`Taken out by hand while the rule was true: they stay out until it has turned false.`,
  },
  static: {
    in: t`Added by hand, an import or a flow after the segment was built.`,
    out: t`A static segment holds nobody out: its rule is asked only when it is built.`,
  },
};

export function SegmentHeld({ segment }: { segment: Segment }) {
  const byHand = useByHand(segment);
  const heldIn = useRows<Member>(
    ['segment', segment.key, 'members'],
    url`/api/segments/${segment.key}/members/`,
    { by_hand: true, limit: 100 },
    30_000,
  );
  const heldOut = useRows<HeldOut>(
    ['segment', segment.key, 'held-out'],
    url`/api/segments/${segment.key}/held-out/`,
    { limit: 100 },
    30_000,
  );
  return (
    <div className={classes.held}>
      <HeldList
        title={t`Held in`}
        says={SAYS[segment.kind].in}
        rows={heldIn}
        act={t`Take out`}
        busy={byHand.isPending}
        onAct={(contact) =>
          byHand.mutate({ contacts: [contact.id], way: 'remove', who: contactName(contact) })
        }
        empty={
          <EmptyState
            compact
            icon={<IconDoorEnter size={22} />}
            title={t`Nobody is held in`}
            text={t`Whoever is added by hand stands here. The tab “People” has the button.`}
          />
        }
      />
      <HeldList
        title={t`Held out`}
        says={SAYS[segment.kind].out}
        rows={heldOut}
        act={t`Let in`}
        busy={byHand.isPending}
        onAct={(contact) =>
          byHand.mutate({ contacts: [contact.id], way: 'add', who: contactName(contact) })
        }
        empty={
          <EmptyState
            compact
            icon={<IconDoorExit size={22} />}
            title={t`Nobody is held out`}
            text={t`Whoever is taken out while the rule is true for them stands here.`}
          />
        }
      />
    </div>
  );
}

interface Held {
  contact: ContactRef;
  since: string;
}

interface HeldListProps<T extends Held> {
  title: string;
  says: string;
  rows: ReturnType<typeof useRows<T>>;
  act: string;
  busy: boolean;
  onAct: (contact: ContactRef) => void;
  empty: ReactNode;
}

function HeldList<T extends Held>(props: HeldListProps<T>) {
  const { title, says, rows, act, busy, onAct, empty } = props;
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const columns: Column<T>[] = [
    {
      key: 'who',
      header: t`Person`,
      width: 'minmax(0, 1fr)',
      render: ({ contact }) => <PersonCell contact={contact} />,
    },
    {
      key: 'since',
      header: t`Since`,
      width: '84px',
      align: 'right',
      render: ({ since }) => <TimeAgo at={since} />,
    },
  ];
  if (canEdit) {
    columns.push({
      key: 'act',
      header: '',
      width: '70px',
      align: 'right',
      render: ({ contact }) => (
        <Button
          variant="default"
          size="compact-xs"
          disabled={busy}
          aria-label={`${act}: ${contactName(contact)}`}
          onClick={() => onAct(contact)}
        >
          {act}
        </Button>
      ),
    });
  }
  return (
    <section>
      <h2>{title}</h2>
      <p>{says}</p>
      <DataTable
        label={title}
        columns={columns}
        rowHeight={48}
        rowKey={({ contact }) => contact.id}
        onRowClick={({ contact }) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={<div className={classes.heldEmpty}>{empty}</div>}
        {...rows}
      />
    </section>
  );
}
