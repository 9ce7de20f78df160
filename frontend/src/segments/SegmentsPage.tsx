import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function SegmentsPage() {
  return (
    <Page title="Segments">
      <EmptyState title="Segments" />
    </Page>
  );
}
