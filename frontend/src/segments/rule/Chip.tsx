/** One part of a condition's sentence: a word, or a chip that opens its editor. */
import { Popover, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RulePath } from '@/model/ruleEdit';
import type { Part } from '@/model/ruleSentence';
import { editorId, useBuilder } from './context';
import classes from './rule.module.css';

interface ChipProps {
  part: Part;
  path: RulePath;
  /** Several parts may open one editor; only the first of them carries it. */
  holds: boolean;
  /** What a screen reader says before the part's own text. */
  about: string;
  children: ReactNode;
}

function look(part: Part): string | undefined {
  if (part.missing) return classes.chipMissing;
  if (part.value) return classes.chipValue;
  return part.quiet ? classes.chipQuiet : classes.chip;
}

export function Chip({ part, path, holds, about, children }: ChipProps) {
  const { open, setOpen, readOnly, id: prefix } = useBuilder();
  if (!part.slot) {
    return <span className={part.strong ? classes.chipStill : classes.word}>{part.text}</span>;
  }
  const id = editorId(path, part.slot);
  const button = (
    <UnstyledButton
      id={holds ? `${prefix}-${id}` : undefined}
      className={look(part)}
      disabled={readOnly}
      aria-label={`${about}: ${part.text}`}
      aria-expanded={open === id}
      aria-haspopup="dialog"
      onClick={() => setOpen(open === id ? null : id)}
    >
      {part.text}
    </UnstyledButton>
  );
  if (!holds) return button;
  return (
    <Editor id={id} title={about} target={button}>
      {children}
    </Editor>
  );
}

/** A popover with an editor in it; Escape closes it and gives the focus back. */
export function Editor({
  id,
  title,
  target,
  children,
}: {
  id: string;
  title: string;
  target: ReactNode;
  children: ReactNode;
}) {
  const { open, setOpen } = useBuilder();
  return (
    <Popover
      opened={open === id}
      onChange={(opened) => {
        if (!opened) setOpen(null);
      }}
      onDismiss={() => setOpen(null)}
      position="bottom-start"
      width={304}
      withRoles={false}
      trapFocus
      returnFocus
      shadow="md"
      transitionProps={{ duration: 120 }}
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown className={classes.editor} role="dialog" aria-label={title}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
