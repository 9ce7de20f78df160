/** A button for what only editors may do: a viewer sees it, disabled, and learns why. */
import { t } from '@lingui/core/macro';
import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { MouseEvent, ReactNode } from 'react';
import { useMe } from '@/api/queries';
import classes from './GuardedButton.module.css';

export interface GuardedButtonProps extends ButtonProps {
  children: ReactNode;
  onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  /** Only admins. */
  admin?: boolean;
  /** Why it cannot be used just now; nothing if it can. */
  because?: string | null;
  type?: 'button' | 'submit';
}

/** Why the signed-in person may not do this, or null. */
export function useRefusal(admin = false): string | null {
  const { data: me } = useMe();
  if (me?.role === 'admin') return null;
  if (admin) return t`Only an admin can do this.`;
  return me?.role === 'editor'
    ? null
    : t`You can look at everything here; an editor can change it.`;
}

export function GuardedButton({
  admin = false,
  because,
  children,
  onClick,
  ...rest
}: GuardedButtonProps) {
  const refusal = useRefusal(admin);
  const reason = refusal ?? because ?? null;
  return (
    <Tooltip label={reason} disabled={!reason} multiline maw={260}>
      <Button
        {...rest}
        className={classes.button}
        data-disabled={reason ? true : undefined}
        aria-disabled={reason ? true : undefined}
        title={undefined}
        onClick={(event) => {
          if (reason) event.preventDefault();
          else onClick?.(event);
        }}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
