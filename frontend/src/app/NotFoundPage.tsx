/** What stands at an address that leads nowhere. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function NotFoundPage() {
  return (
    <Page title={t`Not found`}>
      <EmptyState
        title={t`There is nothing at this address`}
        text={t`It may have been removed, or the link is incomplete.`}
        action={
          <Button component={Link} to="/">
            <Trans>Go home</Trans>
          </Button>
        }
      />
    </Page>
  );
}
