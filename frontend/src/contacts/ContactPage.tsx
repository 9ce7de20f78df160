import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function ContactPage() {
  return (
    <Page title="Contact">
      <EmptyState title="Contact" />
    </Page>
  );
}
