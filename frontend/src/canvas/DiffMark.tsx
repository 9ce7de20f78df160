/** The sign of a change: something new, something gone, something that is different now. */
import { t } from '@lingui/core/macro';
import type { DiffKind } from '@/model/overlay';
import classes from './DiffMark.module.css';

const SIGNS: Record<DiffKind, [sign: string, word: string]> = {
  added: ['+', t`New`],
  removed: ['−', t`Removed`],
  changed: ['~', t`Changed`],
};

export function DiffMark({ kind }: { kind: DiffKind }) {
  const [sign, word] = SIGNS[kind];
  return (
    <span className={classes.mark} data-kind={kind} title={word}>
      <span aria-hidden>{sign}</span>
      <span className="sr-only">{word}: </span>
    </span>
  );
}
