/** One part of a condition's sentence: a word, or a chip that opens its editor. */
import { Popover } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import type { RulePath } from '@/model/ruleEdit';
import type { Part } from '@/model/ruleSentence';
import { type EditorSlot, editorId, useBuilder } from './context';
import classes from './rule.module.css';

interface ChipProps {
  part: Part;
  path: RulePath;
  open: boolean;
  /** Several parts may open one editor; only the first of them carries it. */
  holds: boolean;
  /** What a screen reader says before the part's own text. */
  about: string;
  /** The id of the sentence that says what is wrong with this part. */
  fault: string | undefined;
  children: () => ReactNode;
}

function look(part: Part): string | undefined {
  if (part.missing) return classes.chipMissing;
  if (part.value) return classes.chipValue;
  return part.quiet ? classes.chipQuiet : classes.chip;
}

export function Chip({ part, path, open, holds, about, fault, children }: ChipProps) {
  const { readOnly, id: prefix } = useBuilder();
  if (!part.slot) {
    return <span className={part.strong ? classes.chipStill : classes.word}>{part.text}</span>;
  }
  if (readOnly) {
    return (
      <span className={look(part)} title={part.title} data-still>
        {part.text}
      </span>
    );
  }
  return (
    <Opener
      path={path}
      slot={part.slot}
      open={open}
      id={holds ? `${prefix}-${editorId(path, part.slot)}` : undefined}
      className={look(part)}
      label={`${about}: ${part.text}`}
      title={part.title}
      fault={fault}
      text={part.text}
      editor={open && holds ? { title: about, body: children } : null}
    />
  );
}

interface OpenerProps {
  path: RulePath;
  slot: EditorSlot;
  open: boolean;
  id?: string;
  className?: string;
  label?: string;
  title?: string;
  fault?: string;
  text: ReactNode;
  editor: { title: string; body: () => ReactNode } | null;
}

/**
 * A button with its editor. The popover is made only while it is open: a rule may have two hundred
 * conditions with five such buttons each.
 */
export function Opener(props: OpenerProps) {
  const { path, slot, open, id, className, label, title, fault, text, editor } = props;
  const toggle = useToggle(path, slot, open);
  return (
    <span className={classes.holder}>
      <button
        type="button"
        id={id}
        className={className}
        title={title}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault}
        data-bad={fault ? true : undefined}
        {...toggle}
      >
        {text}
      </button>
      {editor && (
        <Editor id={editorId(path, slot)} title={editor.title}>
          {editor.body()}
        </Editor>
      )}
    </span>
  );
}

/** Opens and closes; the press that closes an editor from outside must not open it again. */
export function useToggle(path: RulePath, slot: EditorSlot, open: boolean) {
  const { setOpen } = useBuilder();
  const wasOpen = useRef(false);
  return {
    onPointerDown: () => {
      wasOpen.current = open;
    },
    onClick: () => {
      const closes = wasOpen.current || open;
      wasOpen.current = false;
      setOpen(closes ? null : editorId(path, slot));
    },
  };
}

/** A popover with an editor in it; Escape closes it and gives the focus back. */
function Editor({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  const { setOpen, store } = useBuilder();
  const close = () => {
    if (store.getState().open === id) setOpen(null);
  };
  return (
    <Popover
      opened
      onChange={(opened) => {
        if (!opened) close();
      }}
      onDismiss={close}
      position="bottom-start"
      width={320}
      withRoles={false}
      trapFocus
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span className={classes.anchor} aria-hidden />
      </Popover.Target>
      <Popover.Dropdown className={classes.editor} role="dialog" aria-label={title}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
