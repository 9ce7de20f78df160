/** The two kinds of score rule, and the cards that choose between them. */
import { t } from '@lingui/core/macro';
import { UnstyledButton } from '@mantine/core';
import classes from './Scoring.module.css';
import type { ScoreKind } from './scoring';

const KINDS: readonly { kind: ScoreKind; name: string; says: string }[] = [
  { kind: 'event', name: t`For an event`, says: t`each time somebody does something` },
  {
    kind: 'rule',
    name: t`While a rule is true`,
    says: t`given when it turns true, taken when false`,
  },
];

interface ScoringKindProps {
  value: ScoreKind;
  onChange: (kind: ScoreKind) => void;
  disabled?: boolean;
}

export function ScoringKind({ value, onChange, disabled }: ScoringKindProps) {
  return (
    <div role="radiogroup" aria-label={t`For what points are given`} className={classes.kinds}>
      {KINDS.map(({ kind, name, says }, i) => (
        <UnstyledButton
          key={kind}
          role="radio"
          aria-checked={kind === value}
          tabIndex={kind === value ? 0 : -1}
          disabled={disabled && kind !== value}
          className={classes.kind}
          onClick={() => !disabled && onChange(kind)}
          onKeyDown={(event) => {
            if (disabled || !event.key.startsWith('Arrow')) return;
            event.preventDefault();
            const other = KINDS[1 - i];
            if (other) onChange(other.kind);
            const card = event.currentTarget.parentElement?.children[1 - i];
            if (card instanceof HTMLElement) card.focus();
          }}
        >
          <strong>{name}</strong>
          <span>{says}</span>
        </UnstyledButton>
      ))}
    </div>
  );
}
