/** Short messages at the edge of the screen. */
import { t } from '@lingui/core/macro';
import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { ApiError } from '@/api/client';
import { UndoWords } from './UndoWords';

export function toast(message: string, title?: string): void {
  notifications.show({ message, title, color: 'accent' });
}

/** Says why something was not done. */
export function toastRefused(message: string, title: string): void {
  notifications.show({ message, title, color: 'red', autoClose: 6000 });
}

const UNDO_MS = 20_000;

/** Says what was done, and for 20 seconds offers to take it back. */
export function toastUndo(message: string, label: string, undo: () => Promise<void>): void {
  const id = `undo-${Date.now()}`;
  notifications.show({
    id,
    color: 'accent',
    autoClose: UNDO_MS,
    message: createElement(UndoWords, {
      message,
      label,
      undo: () => {
        notifications.hide(id);
        return undo();
      },
    }),
  });
}

/** Says what was done, and leads to it. */
export function toastLink(message: string, label: string, go: () => void): void {
  const id = `link-${Date.now()}`;
  notifications.show({
    id,
    color: 'accent',
    autoClose: 9000,
    message: createElement(UndoWords, {
      message,
      label,
      undo: async () => {
        notifications.hide(id);
        go();
      },
    }),
  });
}

/** Says what failed while nobody looked; it stays until it is closed. */
export function toastFailed(message: string, title: string): void {
  notifications.show({ message, title, color: 'red', autoClose: false });
}

/** Says what went wrong, in the server's own words where it gave any. */
export function toastError(error: unknown, title?: string): void {
  const message =
    error instanceof ApiError ? error.message : t`Something went wrong here. Try again.`;
  notifications.show({ message, title, color: 'red', autoClose: 9000 });
}
