import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function FlowsPage() {
  return (
    <Page title="Flows">
      <EmptyState title="Flows" />
    </Page>
  );
}
