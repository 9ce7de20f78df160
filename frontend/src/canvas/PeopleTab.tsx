/** Everybody who came through the flow, by step and by outcome. */
import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { get, post, url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { ContactRef, CursorPage, VisitRow } from '@/api/types';
import { kindOf } from '@/nodes/registry';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import { useCanvas } from './context';
import { FlowFrame } from './FlowFrame';
import type { TabProps } from './FlowPage';
import classes from './PeopleTab.module.css';

const OUTCOMES = [
  { value: 'inside', label: 'Inside' },
  { value: 'converted', label: 'Converted' },
  { value: 'completed', label: 'Completed' },
  { value: 'exited', label: 'Left' },
  { value: 'failed', label: 'Failed' },
];
const TONES: Record<string, Tone> = { inside: 'accent', failed: 'bad' };

export function PeopleTab(props: TabProps) {
  const { flow, go, search } = props;
  const { names, types } = useCanvas();
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const [outcome, setOutcome] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const visits = useRows<VisitRow>(
    ['flow-visits', flow.key],
    url`/api/flows/${flow.key}/visits/`,
    { node: search.node, outcome, limit: 50 },
    10_000,
  );
  const nodes = (flow.live_graph ?? flow.graph).nodes;
  const title = (id: string | null) => {
    const node = nodes.find((each) => each.id === id);
    if (!node) return id ?? '–';
    return (
      kindOf(node.type).words(node.config, names).title || types.get(node.type)?.title || node.type
    );
  };

  const columns: Column<VisitRow>[] = [
    {
      key: 'contact',
      header: 'Contact',
      width: 'minmax(0, 1.3fr)',
      render: ({ contact }) => (
        <span className={classes.contact}>
          <Avatar name={contactName(contact)} size={24} />
          {contactName(contact)}
        </span>
      ),
    },
    {
      key: 'outcome',
      header: 'State',
      width: '120px',
      render: ({ outcome: state }) => (
        <StatusBadge tone={TONES[state ?? 'inside'] ?? 'quiet'}>
          {OUTCOMES.find((each) => each.value === (state ?? 'inside'))?.label ?? state}
        </StatusBadge>
      ),
    },
    {
      key: 'node',
      header: 'Step',
      width: 'minmax(0, 2fr)',
      render: ({ node, error, reason }) => (
        <span title={error || reason || undefined}>
          {title(node)}
          {(error || reason) && (
            <span className={error ? classes.bad : classes.quiet}> · {error || reason}</span>
          )}
        </span>
      ),
    },
    {
      key: 'entered',
      header: 'Came in',
      width: '110px',
      render: ({ entered_at }) => <TimeAgo at={entered_at} />,
    },
    {
      key: 'until',
      header: 'Goes on',
      width: '110px',
      align: 'right',
      render: ({ until }) => <TimeAgo at={until} />,
    },
  ];

  return (
    <FlowFrame
      {...props}
      actions={
        canEdit && flow.status === 'live' ? (
          <Button variant="default" onClick={() => setAdding(true)}>
            Add a person…
          </Button>
        ) : null
      }
    >
      <div className={classes.page}>
        <Group gap={8}>
          <Select
            aria-label="State"
            placeholder="Any state"
            clearable
            data={OUTCOMES}
            value={outcome}
            onChange={setOutcome}
          />
          <Select
            aria-label="Step"
            placeholder="At any step"
            clearable
            searchable
            w={260}
            data={nodes.map((node) => ({ value: node.id, label: title(node.id) }))}
            value={search.node ?? null}
            onChange={(node) => go({ tab: 'people', ...(node && { node }) })}
          />
        </Group>
        <DataTable
          label="People in this flow"
          columns={columns}
          {...visits}
          rowKey={(visit) => visit.id}
          onRowClick={({ contact }) =>
            void navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
          }
          empty={
            <EmptyState
              title={outcome || search.node ? 'Nobody fits' : 'Nobody has come in yet'}
              text={
                outcome || search.node
                  ? 'Choose another state or step.'
                  : flow.version === null
                    ? 'Publish the flow, and whoever comes in is listed here.'
                    : 'Whoever comes in is listed here, with where they are and when they go on.'
              }
            />
          }
        />
      </div>
      <AddPerson flowKey={flow.key} opened={adding} onClose={() => setAdding(false)} />
    </FlowFrame>
  );
}

interface AddPersonProps {
  flowKey: string;
  opened: boolean;
  onClose: () => void;
}

function AddPerson({ flowKey, opened, onClose }: AddPersonProps) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [found, setFound] = useState<ContactRef[] | null>(null);
  const look = useMutation({
    mutationFn: () => get<CursorPage<ContactRef>>('/api/contacts/', { search: text, limit: 6 }),
    onSuccess: (page) => setFound(page.results),
    onError: (error) => toastError(error),
  });
  const add = useMutation({
    mutationFn: (contact: ContactRef) =>
      post(url`/api/flows/${flowKey}/add/`, { contact: contact.id }),
    onSuccess: (_, contact) => {
      toast(`${contactName(contact)} was added.`);
      void client.invalidateQueries({ queryKey: ['flow-visits', flowKey] });
      onClose();
    },
    onError: (error) => toastError(error),
  });
  return (
    <Modal opened={opened} onClose={onClose} title={<strong>Add a person</strong>} size={440}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          look.mutate();
        }}
      >
        <Group gap={8} align="end">
          <TextInput
            flex={1}
            label="Name, e-mail or id"
            data-autofocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={look.isPending}>
            Find
          </Button>
        </Group>
      </form>
      <ul className={classes.found}>
        {found?.map((contact) => (
          <li key={contact.id}>
            <Avatar name={contactName(contact)} size={24} />
            <span>{contactName(contact)}</span>
            <Button variant="default" size="compact-xs" onClick={() => add.mutate(contact)}>
              Add
            </Button>
          </li>
        ))}
        {found?.length === 0 && <li>Nobody fits.</li>}
      </ul>
    </Modal>
  );
}
