/** Short messages at the edge of the screen. */
import { notifications } from '@mantine/notifications';
import { ApiError } from '@/api/client';

export function toast(message: string, title?: string): void {
  notifications.show({ message, title, color: 'accent' });
}

/** Says what went wrong, in the server's own words where it gave any. */
export function toastError(error: unknown, title?: string): void {
  const message =
    error instanceof ApiError ? error.message : 'Something went wrong here. Try again.';
  notifications.show({ message, title, color: 'red', autoClose: 9000 });
}
