/** A number that matters, with a word under it; `KeyNumbers` sets several in one frame. */
import type { ReactNode } from 'react';
import { number } from './format';
import classes from './KeyNumber.module.css';

export interface KeyNumberProps {
  value: ReactNode;
  label: ReactNode;
  tone?: 'accent' | 'bad';
}

export function KeyNumber({ value, label, tone }: KeyNumberProps) {
  return (
    <div className={classes.cell} data-tone={tone}>
      <strong>{typeof value === 'number' ? number(value) : value}</strong>
      <span>{label}</span>
    </div>
  );
}

export function KeyNumbers({ children }: { children: ReactNode }) {
  return <div className={classes.frame}>{children}</div>;
}
