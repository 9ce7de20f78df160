/** What a page shows when it could not be loaded or failed while drawing. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ApiError } from '@/api/client';
import { EmptyState } from '@/ui/EmptyState';

export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const text =
    error instanceof ApiError
      ? error.message
      : t`This page stopped working. Loading it again helps.`;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <EmptyState
      title={t`This page could not be shown`}
      text={text}
      action={
        <Button onClick={again}>
          <Trans>Try again</Trans>
        </Button>
      }
    />
  );
}
