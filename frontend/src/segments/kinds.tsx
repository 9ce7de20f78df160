/** The three kinds of segment, in words, and the cards that choose between them. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { UnstyledButton } from '@mantine/core';
import type { SegmentKind, SegmentRow } from '@/api/types';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './Segment.module.css';

export const KINDS: readonly { kind: SegmentKind; name: string; says: string }[] = [
  { kind: 'static', name: t`Static`, says: t`filled once` },
  { kind: 'growing', name: t`Growing`, says: t`joins, never leaves` },
  { kind: 'dynamic', name: t`Dynamic`, says: t`joins and leaves with the rule` },
];

export const kindName = (kind: SegmentKind): string =>
  KINDS.find((each) => each.kind === kind)?.name ?? kind;

interface KindCardsProps {
  value: SegmentKind;
  onChange: (kind: SegmentKind) => void;
  disabled?: boolean;
}

export function KindCards({ value, onChange, disabled }: KindCardsProps) {
  return (
    <div role="radiogroup" aria-label={t`Kind of segment`} className={classes.kinds}>
      {KINDS.map(({ kind, name, says }, i) => (
        <UnstyledButton
          key={kind}
          role="radio"
          aria-checked={kind === value}
          tabIndex={kind === value ? 0 : -1}
          disabled={disabled}
          className={classes.kind}
          onClick={() => onChange(kind)}
          onKeyDown={(event) => {
            const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (!by) return;
            event.preventDefault();
            const next = KINDS[(i + by + KINDS.length) % KINDS.length];
            if (next) onChange(next.kind);
            const cards = event.currentTarget.parentElement?.children;
            const card = cards?.[(i + by + KINDS.length) % KINDS.length];
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

const EXACT: Record<SegmentKind, string> = {
  dynamic: t`Dynamic · exact now`,
  growing: t`Growing`,
  static: t`Static`,
};

export function SegmentBadge({ segment }: { segment: Pick<SegmentRow, 'kind' | 'status'> }) {
  if (segment.status === 'building')
    return (
      <StatusBadge tone="warn">
        <Trans>Building</Trans>
      </StatusBadge>
    );
  return (
    <StatusBadge tone={segment.kind === 'dynamic' ? 'accent' : 'quiet'}>
      {EXACT[segment.kind]}
    </StatusBadge>
  );
}
