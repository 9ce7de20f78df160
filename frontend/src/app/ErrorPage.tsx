/** What a page shows when it could not be loaded or failed while drawing. */
import { Button } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ApiError } from '@/api/client';
import { EmptyState } from '@/ui/EmptyState';

export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const text =
    error instanceof ApiError
      ? error.message
      : 'This page stopped working. Loading it again helps.';
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <EmptyState
      title="This page could not be shown"
      text={text}
      action={<Button onClick={again}>Try again</Button>}
    />
  );
}
