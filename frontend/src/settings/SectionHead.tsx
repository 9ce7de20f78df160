/** The head of a section of settings: what it is for, and its one main action. */
import type { ReactNode } from 'react';
import classes from './Settings.module.css';

export function SectionHead({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.head}>
      <p>{children}</p>
      {action}
    </div>
  );
}
