/** What can be done for one person inside a flow, or for several that are chosen. */
import { ActionIcon, Button, Group, Menu, Modal, Select } from '@mantine/core';
import {
  IconArrowForwardUp,
  IconDots,
  IconPlayerTrackNext,
  IconRefresh,
  IconRoute,
  IconUserMinus,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useCanEdit } from '@/api/queries';
import type { Flow, VisitRow } from '@/api/types';
import { useCanvas } from '@/canvas/context';
import { useTitleIn, useTitleOf } from '@/canvas/useTitles';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { contactName } from '@/ui/contact';
import { usePeopleActions, whom } from './usePeopleActions';
import { useRepair } from './useRepair';

interface PersonMenuProps {
  flow: Flow;
  visits: readonly VisitRow[];
  /** Called when something was done. */
  onDone?: () => void;
}

type Asking = 'move' | 'take-out' | 'skip' | null;

export function PersonMenu({ flow, visits, onDone }: PersonMenuProps) {
  const canEdit = useCanEdit();
  const repair = useRepair(flow.key);
  const actions = usePeopleActions(flow.key);
  const [asking, setAsking] = useState<Asking>(null);
  const ids = visits.map(({ id }) => id);
  const [first] = visits;
  const failed = visits.length > 0 && visits.every(({ outcome }) => outcome === 'failed');
  const inside = visits.length > 0 && visits.every(({ outcome }) => outcome === 'inside');
  if (!canEdit || !first || !(failed || inside) || flow.status === 'archived') return null;
  const close = () => {
    setAsking(null);
    onDone?.();
  };
  const one = visits.length === 1;

  return (
    <>
      <Menu position="bottom-end" shadow="md" width={210}>
        <Menu.Target>
          {one && !onDone ? (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={`What to do for ${contactName(first.contact)}`}
            >
              <IconDots size={15} />
            </ActionIcon>
          ) : (
            <Button variant="default" rightSection={<IconDots size={14} />}>
              Do …
            </Button>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {failed ? (
            <>
              <Menu.Item
                leftSection={<IconRefresh size={14} />}
                onClick={() =>
                  repair.mutate({ way: 'retry', target: { visits: ids } }, { onSuccess: onDone })
                }
              >
                Try the step again
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowForwardUp size={14} />}
                onClick={() => setAsking('skip')}
              >
                Skip the step …
              </Menu.Item>
            </>
          ) : (
            <Menu.Item
              leftSection={<IconPlayerTrackNext size={14} />}
              onClick={() =>
                actions.mutate({ visits, action: { way: 'go-on' } }, { onSuccess: onDone })
              }
            >
              Go on now
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconRoute size={14} />} onClick={() => setAsking('move')}>
            Move to a step …
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconUserMinus size={14} />}
            onClick={() => setAsking('take-out')}
          >
            Take out of the flow …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking === 'skip'}
        title={`Let ${whom(visits)} go on without the step?`}
        confirm="Skip"
        busy={repair.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() =>
          repair.mutate({ way: 'skip', target: { visits: ids } }, { onSettled: close })
        }
      >
        What the step would have done is not done.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'take-out'}
        title={`Take ${whom(visits)} out of “${flow.name}”?`}
        confirm="Take out"
        danger
        busy={actions.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() =>
          actions.mutate({ visits, action: { way: 'take-out' } }, { onSettled: close })
        }
      >
        Nothing more of this flow happens for {one ? 'this person' : 'them'}, and e-mails that wait
        to be sent are cancelled.
      </ConfirmDialog>
      {asking === 'move' && (
        <MoveDialog
          flow={flow}
          visits={visits}
          busy={actions.isPending}
          onClose={() => setAsking(null)}
          onMove={(to, title) =>
            actions.mutate({ visits, action: { way: 'move', to, title } }, { onSettled: close })
          }
        />
      )}
    </>
  );
}

interface MoveDialogProps {
  flow: Flow;
  visits: readonly VisitRow[];
  busy: boolean;
  onClose: () => void;
  onMove: (to: string, title: string) => void;
}

function MoveDialog({ flow, visits, busy, onClose, onMove }: MoveDialogProps) {
  const { types } = useCanvas();
  const titleOf = useTitleOf();
  const title = useTitleIn(flow.live_graph);
  const [to, setTo] = useState<string | null>(null);
  const here = new Set(visits.map(({ node }) => node));
  const places = (flow.live_graph?.nodes ?? [])
    .filter((node) => types.get(node.type)?.group !== 'trigger')
    .filter((node) => !(here.size === 1 && here.has(node.id)))
    .map((node) => ({ value: node.id, label: titleOf(node) }));
  return (
    <Modal opened onClose={onClose} title={<strong>Move {whom(visits)}</strong>} size={440}>
      <Select
        label="To the step"
        placeholder="Choose a step"
        description="They arrive there now, as if they had come by themselves: a wait begins anew."
        data={places}
        value={to}
        onChange={setTo}
        searchable
        data-autofocus
        nothingFoundMessage="No step of that name"
        comboboxProps={{ shadow: 'md' }}
      />
      <Group justify="flex-end" mt="lg" gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!to} loading={busy} onClick={() => to && onMove(to, title(to))}>
          Move
        </Button>
      </Group>
    </Modal>
  );
}
