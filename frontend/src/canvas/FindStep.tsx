/** Ctrl F: finds steps by what is written on them, by note or id, and notes; jumps there, lights what was found. */
import { t } from '@lingui/core/macro';
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useState } from 'react';
import type { GraphNode } from '@/api/types';
import { nodeOf, readingOrder } from '@/model/graph';
import { noteKey, notesOf, placeOf } from '@/model/notes';
import { kindOf } from '@/nodes/registry';
import { useCanvas, useCanvasState } from './context';
import classes from './FindStep.module.css';
import { bringIntoSight } from './sight';
import { nodeElement } from './useShortcuts';

const LIT = 'found';

/** All that is written about a step, in small letters. */
function useTextOf(): (node: GraphNode) => string {
  const { names, types } = useCanvas();
  return useCallback(
    (node) => {
      const type = types.get(node.type);
      const words = kindOf(node.type).words(node.config, names);
      const parts = [words.title, words.sub, type?.title, node.note, node.id];
      return parts.filter(Boolean).join('\n').toLowerCase();
    },
    [names, types],
  );
}

export function FindStep({ onClose }: { onClose: () => void }) {
  const { store } = useCanvas();
  const flow = useReactFlow();
  const graph = useCanvasState((state) => state.graph);
  const textOf = useTextOf();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();

  const found = useMemo(
    () =>
      wanted === ''
        ? []
        : [
            ...readingOrder(graph).filter((id) => {
              const node = nodeOf(graph, id);
              return node !== undefined && textOf(node).includes(wanted);
            }),
            ...notesOf(graph)
              .filter((note) => note.text.toLowerCase().includes(wanted))
              .map((note) => noteKey(note.id)),
          ],
    [graph, textOf, wanted],
  );
  const current = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    const lit = new Set(found);
    flow.setNodes((nodes) =>
      nodes.map((node) => {
        const className = lit.has(node.id) ? LIT : undefined;
        return node.className === className ? node : { ...node, className };
      }),
    );
  }, [flow, found]);
  useEffect(
    () => () =>
      flow.setNodes((nodes) =>
        nodes.map((node) => (node.className === LIT ? { ...node, className: undefined } : node)),
      ),
    [flow],
  );

  useEffect(() => {
    const place = current && placeOf(store.getState().graph, current);
    if (!current || !place) return;
    store.getState().select([current]);
    bringIntoSight(flow, place);
  }, [current, flow, store]);

  const go = (by: number) => {
    if (found.length > 0)
      setAt((Math.min(at, found.length - 1) + by + found.length) % found.length);
  };
  const close = () => {
    onClose();
    if (current) requestAnimationFrame(() => nodeElement(current)?.focus({ preventScroll: true }));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
    else if (event.key === 'ArrowDown') go(1);
    else if (event.key === 'ArrowUp') go(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const none = wanted !== '' && found.length === 0;
  const words = none
    ? t`None`
    : found.length > 0
      ? t`${Math.min(at, found.length - 1) + 1} of ${found.length}`
      : '';

  return (
    <search className={classes.find} aria-label={t`Find a step`} onKeyDown={press}>
      <TextInput
        autoFocus
        variant="unstyled"
        aria-label={t`Find a step`}
        placeholder={t`Find a step`}
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
      />
      <span className={classes.count} role="status" data-none={none || undefined}>
        {words}
      </span>
      <Step label={t`Previous (Shift Enter)`} onClick={() => go(-1)} disabled={found.length < 2}>
        <IconChevronUp size={15} />
      </Step>
      <Step label={t`Next (Enter)`} onClick={() => go(1)} disabled={found.length < 2}>
        <IconChevronDown size={15} />
      </Step>
      <Step label={t`Close (Esc)`} onClick={close}>
        <IconX size={15} />
      </Step>
    </search>
  );
}

interface StepProps {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Step({ label, disabled, onClick, children }: StepProps) {
  return (
    <Tooltip label={label} openDelay={500}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        aria-label={label.replace(/ \(.*/, '')}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
