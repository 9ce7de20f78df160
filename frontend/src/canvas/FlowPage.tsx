import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function FlowPage() {
  return (
    <Page title="Flow">
      <EmptyState title="Flow" />
    </Page>
  );
}
