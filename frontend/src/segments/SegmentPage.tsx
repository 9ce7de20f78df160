import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function SegmentPage() {
  return (
    <Page title="Segment">
      <EmptyState title="Segment" />
    </Page>
  );
}
