import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function TemplatePage() {
  return (
    <Page title="Template">
      <EmptyState title="Template" />
    </Page>
  );
}
