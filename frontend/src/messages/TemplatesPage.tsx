import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function TemplatesPage() {
  return (
    <Page title="Templates">
      <EmptyState title="Templates" />
    </Page>
  );
}
