import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';

export function ContactsPage() {
  return (
    <Page title="Contacts">
      <EmptyState title="Contacts" />
    </Page>
  );
}
