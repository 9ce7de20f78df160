/** What stands at an address that leads nowhere. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <EmptyState
        title="There is nothing at this address"
        text="It may have been removed, or the link is incomplete."
        action={
          <Button component={Link} to="/">
            Go home
          </Button>
        }
      />
    </Page>
  );
}
