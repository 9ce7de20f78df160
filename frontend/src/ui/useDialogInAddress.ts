/** A dialog that has its place in the address, as `#new`: a link opens it, and "back" closes it. */
import { useLocation, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Whether the dialog of that name is open, and how to open and close it. */
export function useDialogInAddress(name: string): [boolean, () => void, () => void] {
  const router = useRouter();
  const opened = useLocation({ select: ({ hash }) => hash === name });
  const open = useCallback(() => {
    const { pathname, searchStr } = router.state.location;
    router.history.push(`${pathname}${searchStr}#${name}`);
  }, [router, name]);
  const close = useCallback(() => {
    const { pathname, searchStr, hash } = router.state.location;
    if (hash === name) router.history.replace(`${pathname}${searchStr}`);
  }, [router, name]);
  return [opened, open, close];
}
