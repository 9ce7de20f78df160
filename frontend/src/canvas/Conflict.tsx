/** Where two people changed the same thing: both are shown, and somebody chooses. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { GraphNode, Note } from '@/api/types';
import type { Conflict as Collided, Side } from '@/model/merge';
import { noteWords } from '@/model/notes';
import { kindOf } from '@/nodes/registry';
import { branchLabel } from './branches';
import classes from './Conflict.module.css';
import { useCanvas, useCanvasState } from './context';
import type { Autosave } from './useAutosave';
import { useTitleIn, useTitleOf } from './useTitles';

const SETTINGS: Record<string, string> = {
  reentry: t`Whether people may come again`,
  exit_when: t`When people leave`,
  goal: t`The goal`,
  suppress: t`Who is kept out`,
  quiet_hours: t`Quiet hours`,
  email_limit: t`The limit of e-mails`,
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
      title={
        <strong>
          <Trans>Somebody else changed the same</Trans>
        </strong>
      }
      size={620}
    >
      <p className={classes.words}>
        <Trans>
          Everything else has been put together already. What is not chosen here can be brought back
          with undo.
        </Trans>
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
            <Trans>All mine</Trans>
          </Button>
          <Button variant="subtle" color="gray" disabled={busy} onClick={() => all('theirs')}>
            <Trans>All theirs</Trans>
          </Button>
        </Group>
        <Button loading={busy} onClick={settle}>
          <Trans>Go on with these</Trans>
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
          aria-label={t`${title}: whose stands`}
          value={side}
          onChange={(value) => onSide(value as Side)}
          data={[
            { value: 'mine', label: t`Mine` },
            { value: 'theirs', label: t`Theirs` },
          ]}
        />
      </div>
      <dl>
        <div data-chosen={side === 'mine' || undefined}>
          <dt>
            <Trans>Mine</Trans>
          </dt>
          <dd>{mine}</dd>
        </div>
        <div data-chosen={side === 'theirs' || undefined}>
          <dt>
            <Trans>Theirs</Trans>
          </dt>
          <dd>{theirs}</dd>
        </div>
      </dl>
    </li>
  );
}

const data = (value: unknown): string => {
  const text = value === undefined || value === null ? t`Nothing` : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};

/** A collision in words: what it is about, and both sides of it. */
function useConflictWords() {
  const { names } = useCanvas();
  const titleOf = useTitleOf();
  const titleIn = useTitleIn(useCanvasState((state) => state.graph));
  const nodeWords = (node: GraphNode | null, other: GraphNode | null) => {
    if (!node) return t`Removed`;
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
      return { title: t`The name of the flow`, mine: conflict.mine, theirs: conflict.theirs };
    }
    if (conflict.kind === 'setting') {
      return {
        title: SETTINGS[conflict.key] ?? conflict.key,
        mine: data(conflict.mine),
        theirs: data(conflict.theirs),
      };
    }
    if (conflict.kind === 'edge') {
      const to = (id: string | null) => (id === null ? t`Nowhere` : titleIn(id));
      const { node, branch } = conflict.end;
      return {
        title: t`Where “${branchLabel(branch)}” of “${titleIn(node)}” leads`,
        mine: to(conflict.mine),
        theirs: to(conflict.theirs),
      };
    }
    if (conflict.kind === 'note') {
      const text = (note: Note | null) =>
        note ? `“${noteWords(note.text, LONGEST)}”` : t`Removed`;
      return { title: t`A note`, mine: text(conflict.mine), theirs: text(conflict.theirs) };
    }
    const known = conflict.mine ?? conflict.theirs;
    return {
      title: known ? titleOf(known) : t`A step`,
      mine: nodeWords(conflict.mine, conflict.theirs),
      theirs: nodeWords(conflict.theirs, conflict.mine),
    };
  };
}
