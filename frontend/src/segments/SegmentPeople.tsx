/** The tab "People": who is in the segment, and putting people in or out by hand. */
import { ActionIcon, Modal, Tooltip } from '@mantine/core';
import { IconUserMinus, IconUsers } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { post, url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { ContactRef, Segment, Sent } from '@/api/types';
import { ContactPicker } from '@/contacts/ContactPicker';
import { PersonCell } from '@/contacts/PersonCell';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import classes from './Segment.module.css';

type Member = Sent<'Member'>;

const ADDED: Record<Segment['kind'], string> = {
  static: 'They stay until somebody takes them out.',
  growing: 'They stay until somebody takes them out.',
  dynamic: 'They are held in: the rule does not take them out.',
};

const REMOVED: Record<Segment['kind'], string> = {
  static: 'They can be added again by hand.',
  growing: 'If the rule is true for them, they stay out until it has turned false and true anew.',
  dynamic: 'If the rule is true for them, they stay out until it has turned false and true anew.',
};

function useByHand(segment: Segment) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ contact, way }: { contact: ContactRef; way: 'add' | 'remove' }) =>
      post(url`/api/segments/${segment.key}/${way}/`, { contacts: [contact.id] }),
    onSuccess: (_, { contact, way }) => {
      toast(`${contactName(contact)} is ${way === 'add' ? 'in' : 'out of'} “${segment.name}”.`);
      void client.invalidateQueries({ queryKey: ['segment', segment.key] });
      void client.invalidateQueries({ queryKey: ['contact'] });
    },
    onError: (error) => toastError(error),
  });
}

export function SegmentPeople({ segment }: { segment: Segment }) {
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const byHand = useByHand(segment);
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<ContactRef | null>(null);
  const members = useRows<Member>(
    ['segment', segment.key, 'members'],
    url`/api/segments/${segment.key}/members/`,
    { limit: 100 },
  );
  const add = (
    <GuardedButton variant="default" onClick={() => setAdding(true)}>
      Add people by hand
    </GuardedButton>
  );
  const columns: Column<Member>[] = [
    {
      key: 'who',
      header: 'Person',
      width: 'minmax(0, 3fr)',
      render: ({ contact }) => <PersonCell contact={contact} />,
    },
    {
      key: 'id',
      header: 'External id',
      width: 'minmax(0, 2fr)',
      render: ({ contact }) => contact.external_id ?? '–',
    },
    {
      key: 'hand',
      header: '',
      width: '90px',
      render: (member) => member.by_hand && <StatusBadge dot={false}>by hand</StatusBadge>,
    },
    {
      key: 'since',
      header: 'Joined',
      width: '100px',
      align: 'right',
      render: (member) => <TimeAgo at={member.since} />,
    },
    {
      key: 'out',
      header: '',
      width: '30px',
      render: ({ contact }) =>
        canEdit && (
          <Tooltip label="Take out of the segment">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={`Take ${contactName(contact)} out`}
              onClick={(event) => {
                event.stopPropagation();
                setLeaving(contact);
              }}
              onKeyDown={(event) => event.stopPropagation()}
            >
              <IconUserMinus size={15} />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ];

  return (
    <div className={classes.full}>
      <div className={classes.tools}>
        <p>
          <strong>{number(segment.size)}</strong> {segment.size === 1 ? 'person is' : 'people are'}{' '}
          in this segment now.
        </p>
        {add}
      </div>
      <DataTable
        label={`People in ${segment.name}`}
        columns={columns}
        rowHeight={48}
        rowKey={(member) => member.contact.id}
        onRowClick={({ contact }) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={
          <EmptyState
            compact
            icon={<IconUsers size={22} />}
            title="Nobody is in it now"
            text={
              segment.kind === 'static'
                ? 'A static segment is filled once from its rule, and then by hand.'
                : 'The rule is true for nobody at this moment. Whoever fulfils it joins at once.'
            }
            action={add}
          />
        }
        {...members}
      />
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        size={480}
        title={<strong>Add people by hand</strong>}
      >
        <p className={classes.modalText}>{ADDED[segment.kind]}</p>
        <ContactPicker onPick={(contact) => byHand.mutate({ contact, way: 'add' })} />
      </Modal>
      <ConfirmDialog
        opened={leaving !== null}
        title={leaving ? `Take ${contactName(leaving)} out?` : ''}
        confirm="Take out"
        danger
        busy={byHand.isPending}
        onClose={() => setLeaving(null)}
        onConfirm={() => {
          if (!leaving) return;
          byHand.mutate({ contact: leaving, way: 'remove' }, { onSettled: () => setLeaving(null) });
        }}
      >
        {REMOVED[segment.kind]}
      </ConfirmDialog>
    </div>
  );
}
