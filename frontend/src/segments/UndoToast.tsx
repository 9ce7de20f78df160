/** What was done, and a way to take it back. */
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import classes from './Segment.module.css';

export function UndoToast({ words, onUndo }: { words: string; onUndo?: () => void }) {
  return (
    <span className={classes.undo}>
      <span>{words}</span>
      {onUndo && (
        <Button variant="subtle" size="compact-xs" onClick={onUndo}>
          <Trans>Undo</Trans>
        </Button>
      )}
    </span>
  );
}
