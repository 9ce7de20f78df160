import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function MessagesPage() {
  return (
    <Page title="Messages">
      <EmptyState title="Messages" />
    </Page>
  );
}
