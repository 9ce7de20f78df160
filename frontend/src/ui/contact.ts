import type { ContactRef } from '@/api/types';

/** The best name there is for a contact. */
export const contactName = (contact: ContactRef): string =>
  contact.name || contact.email || contact.external_id || `Contact ${contact.id}`;
