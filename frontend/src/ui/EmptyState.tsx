/** What stands where nothing is yet: what this place is for, and what to do next. */
import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
  /** `bad` where something went wrong. */
  tone?: 'bad';
}

export function EmptyState({ icon, title, text, action, compact = false, tone }: EmptyStateProps) {
  return (
    <div className={compact ? classes.compact : classes.empty}>
      {icon && (
        <div className={classes.icon} data-tone={tone}>
          {icon}
        </div>
      )}
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
