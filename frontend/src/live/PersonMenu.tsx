/** What can be done for one person inside a flow, or for several that are chosen. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Group, Menu, Modal, Select } from '@mantine/core';
import {
  IconArrowForwardUp,
  IconChevronDown,
  IconDots,
  IconPlayerTrackNext,
  IconRefresh,
  IconRoute,
  IconUserMinus,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useCanEdit } from '@/api/queries';
import type { Flow } from '@/api/types';
import { useCanvas } from '@/canvas/context';
import { useTitleIn, useTitleOf } from '@/canvas/useTitles';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { usePeopleActions, type Whom } from './usePeopleActions';
import { useRepair } from './useRepair';

interface PersonMenuProps {
  flow: Flow;
  /** Nobody where nothing can be done for all of them alike. */
  whom: Whom | null;
  /** A button with a word on it instead of three points. */
  wide?: boolean;
  words?: string;
  /** Called when something was done. */
  onDone?: () => void;
}

type Asking = 'move' | 'remove' | 'skip' | null;

export function PersonMenu({ flow, whom, wide = false, words, onDone }: PersonMenuProps) {
  const canEdit = useCanEdit();
  const repair = useRepair(flow.key);
  const actions = usePeopleActions(flow.key);
  const [asking, setAsking] = useState<Asking>(null);
  if (!canEdit || !whom || flow.status === 'archived') return null;
  const close = () => {
    setAsking(null);
    onDone?.();
  };
  const one = whom.count === 1;

  return (
    <>
      <Menu position="bottom-end" shadow="md" width={210}>
        <Menu.Target>
          {wide ? (
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              {words ?? t`Do for them`}
            </Button>
          ) : (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={t`What to do for ${whom.words}`}
            >
              <IconDots size={15} />
            </ActionIcon>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {whom.state === 'failed' ? (
            <>
              <Menu.Item
                leftSection={<IconRefresh size={14} />}
                onClick={() =>
                  repair.mutate({ way: 'retry', target: whom.choose }, { onSuccess: onDone })
                }
              >
                <Trans>Try the step again</Trans>
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowForwardUp size={14} />}
                onClick={() => setAsking('skip')}
              >
                <Trans>Skip the step …</Trans>
              </Menu.Item>
            </>
          ) : (
            <Menu.Item
              leftSection={<IconPlayerTrackNext size={14} />}
              onClick={() =>
                actions.mutate({ whom, action: { way: 'go-on' } }, { onSuccess: onDone })
              }
            >
              <Trans>Go on now</Trans>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconRoute size={14} />} onClick={() => setAsking('move')}>
            <Trans>Move to a step …</Trans>
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            c="var(--bad)"
            leftSection={<IconUserMinus size={14} />}
            onClick={() => setAsking('remove')}
          >
            <Trans>Take out of the flow …</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking === 'skip'}
        title={t`Let ${whom.words} go on without the step?`}
        confirm={t`Skip`}
        busy={repair.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() => repair.mutate({ way: 'skip', target: whom.choose }, { onSettled: close })}
      >
        <Trans>What the step would have done is not done.</Trans>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'remove'}
        title={t`Take ${whom.words} out of “${flow.name}”?`}
        confirm={t`Take out`}
        danger
        busy={actions.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() => actions.mutate({ whom, action: { way: 'remove' } }, { onSettled: close })}
      >
        <Trans>
          Nothing more of this flow happens for {one ? t`this person` : t`them`}, and e-mails that
          wait to be sent are cancelled.
        </Trans>
      </ConfirmDialog>
      {asking === 'move' && (
        <MoveDialog
          flow={flow}
          whom={whom}
          busy={actions.isPending}
          onClose={() => setAsking(null)}
          onMove={(to, title) =>
            actions.mutate({ whom, action: { way: 'move', to, title } }, { onSettled: close })
          }
        />
      )}
    </>
  );
}

interface MoveDialogProps {
  flow: Flow;
  whom: Whom;
  busy: boolean;
  onClose: () => void;
  onMove: (to: string, title: string) => void;
}

function MoveDialog({ flow, whom, busy, onClose, onMove }: MoveDialogProps) {
  const { types } = useCanvas();
  const titleOf = useTitleOf();
  const title = useTitleIn(flow.live_graph);
  const [to, setTo] = useState<string | null>(null);
  const places = (flow.live_graph?.nodes ?? [])
    .filter((node) => types.get(node.type)?.group !== 'trigger')
    .filter((node) => node.id !== whom.node)
    .map((node) => ({ value: node.id, label: titleOf(node) }));
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <strong>
          <Trans>Move {whom.words}</Trans>
        </strong>
      }
      size={440}
    >
      <Select
        label={t`To the step`}
        placeholder={t`Choose a step`}
        description={t`They arrive there now, as if they had come by themselves. A wait begins anew.`}
        data={places}
        value={to}
        onChange={setTo}
        searchable
        data-autofocus
        nothingFoundMessage={t`No step of that name`}
        comboboxProps={{ shadow: 'md' }}
      />
      <Group justify="flex-end" mt="lg" gap={8}>
        <Button variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button disabled={!to} loading={busy} onClick={() => to && onMove(to, title(to))}>
          <Trans>Move</Trans>
        </Button>
      </Group>
    </Modal>
  );
}
