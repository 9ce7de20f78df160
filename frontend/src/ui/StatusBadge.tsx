/** A small pill with a dot: a state in one or two words. */
import type { ReactNode } from 'react';
import classes from './StatusBadge.module.css';

export type Tone = 'accent' | 'bad' | 'warn' | 'quiet';

export function StatusBadge({
  tone = 'quiet',
  dot = true,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {dot && <span className={classes.dot} aria-hidden />}
      {children}
    </span>
  );
}
