import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function HomePage() {
  return (
    <Page title="Home">
      <EmptyState title="Home" />
    </Page>
  );
}
