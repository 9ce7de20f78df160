/** Where two people changed the same thing: both are shown, and somebody chooses. */
import { Button, Group, Modal, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { GraphNode } from '@/api/types';
import type { Conflict as Collided, Side } from '@/model/merge';
import { kindOf } from '@/nodes/registry';
import { branchLabel } from './branches';
import classes from './Conflict.module.css';
import { useCanvas, useCanvasState } from './context';
import type { Autosave } from './useAutosave';
import { useTitleIn, useTitleOf } from './useTitles';

const SETTINGS: Record<string, string> = {
  reentry: 'Whether people may come again',
  exit_when: 'When people leave',
  goal: 'The goal',
  suppress: 'Who is kept out',
  quiet_hours: 'Quiet hours',
  email_limit: 'The limit of e-mails',
};
const LONGEST = 160;

export function Conflict({ autosave }: { autosave: Autosave }) {
  const [busy, setBusy] = useState(false);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const conflicts = autosave.collision?.conflicts ?? [];
  const settle = async () => {
    setBusy(true);
    const all = conflicts.map(({ id }) => [id, choices.get(id) ?? 'mine'] as const);
    await autosave.settle(new Map(all)).finally(() => setBusy(false));
  };
  const all = (side: Side) => setChoices(new Map(conflicts.map(({ id }) => [id, side])));
  return (
    <Modal
      opened={autosave.state === 'conflict'}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={<strong>Somebody else changed the same</strong>}
      size={620}
    >
      <p className={classes.words}>
        Everything else has been put together already. What is not chosen here can be brought back
        with undo.
      </p>
      <ul className={classes.list}>
        {conflicts.map((conflict) => (
          <One
            key={conflict.id}
            conflict={conflict}
            side={choices.get(conflict.id) ?? 'mine'}
            onSide={(side) => setChoices(new Map([...choices, [conflict.id, side]]))}
          />
        ))}
      </ul>
      <Group justify="space-between" gap={8} mt="lg">
        <Group gap={4}>
          <Button variant="subtle" color="gray" disabled={busy} onClick={() => all('mine')}>
            All mine
          </Button>
          <Button variant="subtle" color="gray" disabled={busy} onClick={() => all('theirs')}>
            All theirs
          </Button>
        </Group>
        <Button loading={busy} onClick={settle}>
          Go on with these
        </Button>
      </Group>
    </Modal>
  );
}

interface OneProps {
  conflict: Collided;
  side: Side;
  onSide: (side: Side) => void;
}

function One({ conflict, side, onSide }: OneProps) {
  const words = useConflictWords();
  const { title, mine, theirs } = words(conflict);
  return (
    <li>
      <div className={classes.head}>
        <strong>{title}</strong>
        <SegmentedControl
          size="xs"
          aria-label={`${title}: whose stands`}
          value={side}
          onChange={(value) => onSide(value as Side)}
          data={[
            { value: 'mine', label: 'Mine' },
            { value: 'theirs', label: 'Theirs' },
          ]}
        />
      </div>
      <dl>
        <div data-chosen={side === 'mine' || undefined}>
          <dt>Mine</dt>
          <dd>{mine}</dd>
        </div>
        <div data-chosen={side === 'theirs' || undefined}>
          <dt>Theirs</dt>
          <dd>{theirs}</dd>
        </div>
      </dl>
    </li>
  );
}

const data = (value: unknown): string => {
  const text = value === undefined || value === null ? 'Nothing' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

/** A collision in words: what it is about, and both sides of it. */
function useConflictWords() {
  const { names } = useCanvas();
  const titleOf = useTitleOf();
  const titleIn = useTitleIn(useCanvasState((state) => state.graph));
  const nodeWords = (node: GraphNode | null, other: GraphNode | null) => {
    if (!node) return 'Removed';
    const words = kindOf(node.type).words(node.config, names);
    const said = [words.title, words.sub].filter(Boolean).join(' · ');
    const twin = other && kindOf(other.type).words(other.config, names);
    const alike = twin && [twin.title, twin.sub].filter(Boolean).join(' · ') === said;
    // Where the sentences do not differ, what differs is shown as it is kept.
    const more = alike ? ` ${data({ ...node.config, ...(node.note && { note: node.note }) })}` : '';
    return `${said || titleOf(node)}${more}`;
  };
  return (conflict: Collided): { title: string; mine: string; theirs: string } => {
    if (conflict.kind === 'name') {
      return { title: 'The name of the flow', mine: conflict.mine, theirs: conflict.theirs };
    }
    if (conflict.kind === 'setting') {
      return {
        title: SETTINGS[conflict.key] ?? conflict.key,
        mine: data(conflict.mine),
        theirs: data(conflict.theirs),
      };
    }
    if (conflict.kind === 'edge') {
      const to = (id: string | null) => (id === null ? 'Nowhere' : titleIn(id));
      const { node, branch } = conflict.end;
      return {
        title: `Where “${branchLabel(branch)}” of “${titleIn(node)}” leads`,
        mine: to(conflict.mine),
        theirs: to(conflict.theirs),
      };
    }
    const known = conflict.mine ?? conflict.theirs;
    return {
      title: known ? titleOf(known) : 'A step',
      mine: nodeWords(conflict.mine, conflict.theirs),
      theirs: nodeWords(conflict.theirs, conflict.mine),
    };
  };
}
