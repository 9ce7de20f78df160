/** A contact in a line or two: initials, the best name there is, and what else identifies them. */
import type { ReactNode } from 'react';
import type { ContactRef } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import classes from './PersonCell.module.css';

interface PersonCellProps {
  contact: ContactRef;
  /** The second line; the e-mail or the external id if not given. */
  below?: ReactNode;
  size?: number;
}

export function PersonCell({ contact, below, size }: PersonCellProps) {
  const name = contactName(contact);
  const other = [contact.email, contact.external_id].find((each) => each && each !== name);
  return (
    <span className={classes.person}>
      <Avatar name={name} size={size} />
      <span className={classes.words}>
        <strong>{name}</strong>
        <small>{below ?? other ?? 'anonymous'}</small>
      </span>
    </span>
  );
}
