/** A contact in a line or two: initials, the best name there is, and what else identifies them. */
import { t } from '@lingui/core/macro';
import { IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ContactRef } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import { contactName, isKnown } from '@/ui/contact';
import classes from './PersonCell.module.css';

interface PersonCellProps {
  contact: ContactRef;
  /** The second line; the e-mail or the external id if not given. */
  below?: ReactNode;
  size?: number;
}

export function PersonCell({ contact, below, size }: PersonCellProps) {
  const name = contactName(contact);
  const known = isKnown(contact);
  const other = [contact.email, contact.external_id].find((each) => each && each !== name);
  return (
    <span className={classes.person}>
      {known ? (
        <Avatar name={name} size={size} />
      ) : (
        <span className={classes.nobody} style={{ width: size ?? 26, height: size ?? 26 }}>
          <IconUser size={14} stroke={1.7} aria-hidden />
        </span>
      )}
      <span className={classes.words}>
        <strong>{name}</strong>
        <small>{below ?? other ?? t`anonymous`}</small>
      </span>
    </span>
  );
}
