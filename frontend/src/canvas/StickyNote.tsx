/** A note lying on the canvas: read by everybody, written where it lies. */
import { t } from '@lingui/core/macro';
import { Textarea } from '@mantine/core';
import { type Node, type NodeProps, NodeResizeControl, ResizeControlVariant } from '@xyflow/react';
import { type KeyboardEvent, memo } from 'react';
import type { Note } from '@/api/types';
import { LONGEST_NOTE, NOTE_NARROWEST, NOTE_WIDEST } from '@/model/notes';
import type { NodeMark } from '@/model/overlay';
import { useCanvas, useCanvasState } from './context';
import { DiffMark } from './DiffMark';
import { AtNode } from './Editors';
import classes from './StickyNote.module.css';
import { nodeElement } from './useShortcuts';

export type NoteNode = Node<{ note: Note; mark?: NodeMark }, 'note'>;

export const StickyNote = memo(function StickyNote({ id, data, selected }: NodeProps<NoteNode>) {
  const { mode, store } = useCanvas();
  const { note, mark } = data;
  const readOnly = useCanvasState((state) => state.readOnly);
  const writing = useCanvasState((state) => state.writing === id);
  const editable = mode === 'design' && !readOnly;

  return (
    <div
      className={classes.note}
      role="note"
      aria-label={t`Note: ${note.text}`}
      data-selected={selected || undefined}
      data-mark={mark}
      onDoubleClick={(event) => {
        if (!editable) return;
        event.stopPropagation();
        store.getState().write(id);
      }}
    >
      {mode === 'design' && <AtNode id={id} />}
      {mark && mark !== 'walked' && (
        <span className={classes.mark}>
          <DiffMark kind={mark} />
        </span>
      )}
      {writing && editable ? (
        <Writing id={id} text={note.text} />
      ) : (
        <p className={classes.text}>{note.text}</p>
      )}
      {editable && selected && (
        <NodeResizeControl
          position="right"
          variant={ResizeControlVariant.Line}
          className={classes.edge}
          minWidth={NOTE_NARROWEST}
          maxWidth={NOTE_WIDEST}
          onResizeEnd={(_, { width }) =>
            store.getState().changeNote(id, { width: Math.round(width) })
          }
        />
      )}
    </div>
  );
});

function Writing({ id, text }: { id: string; text: string }) {
  const { store } = useCanvas();
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey)))
      return;
    event.preventDefault();
    store.getState().write(null);
    nodeElement(id)?.focus({ preventScroll: true });
  };
  return (
    <Textarea
      autoFocus
      autosize
      minRows={2}
      variant="unstyled"
      className="nodrag nowheel"
      classNames={{ input: classes.writing }}
      aria-label={t`Text of the note`}
      placeholder={t`Write a note`}
      maxLength={LONGEST_NOTE}
      value={text}
      onFocus={({ currentTarget: field }) => field.setSelectionRange(text.length, text.length)}
      onChange={(event) => store.getState().changeNote(id, { text: event.currentTarget.value })}
      onKeyDown={keys}
      onBlur={() => store.getState().write(null)}
    />
  );
}
