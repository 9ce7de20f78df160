import { t } from '@lingui/core/macro';
import type { ContactRef } from '@/api/types';

const unnamed = ({ id }: ContactRef): string => t`Contact ${id}`;

/** The best name there is for a contact. */
export const contactName = (contact: ContactRef): string =>
  contact.name || contact.email || contact.external_id || unnamed(contact);

/** Whether a contact is known by more than a number. */
export const isKnown = (contact: ContactRef): boolean =>
  Boolean(contact.email || contact.external_id) || contactName(contact) !== unnamed(contact);
