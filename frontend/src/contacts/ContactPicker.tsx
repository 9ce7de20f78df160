/** Finds one contact by name, e-mail or id, and hands it on. */
import { t } from '@lingui/core/macro';
import { Skeleton, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { get } from '@/api/client';
import type { ContactRef, CursorPage } from '@/api/types';
import { SearchInput } from '@/ui/SearchInput';
import classes from './ContactPicker.module.css';
import { PersonCell } from './PersonCell';

interface ContactPickerProps {
  onPick: (contact: ContactRef) => void;
  /** What stands at the right of each row. */
  action?: (contact: ContactRef) => ReactNode;
}

export function ContactPicker({ onPick, action }: ContactPickerProps) {
  const [search, setSearch] = useState('');
  const { data, isPending, error } = useQuery({
    queryKey: ['contacts', 'pick', search],
    queryFn: ({ signal }) =>
      get<CursorPage<ContactRef>>('/api/contacts/', { search, limit: 8 }, signal),
  });
  return (
    <div className={classes.picker}>
      <SearchInput label={t`Name, e-mail or id`} onSearch={setSearch} width="100%" autoFocus />
      {isPending && [1, 2, 3].map((line) => <Skeleton key={line} height={34} mt={8} />)}
      {error && <p className={classes.none}>{error.message}</p>}
      {data?.results.length === 0 && (
        <p className={classes.none}>
          {search ? t`Nobody is found by “${search}”.` : t`There is nobody yet.`}
        </p>
      )}
      <ul className={classes.list}>
        {data?.results.map((contact) => (
          <li key={contact.id}>
            <UnstyledButton className={classes.row} onClick={() => onPick(contact)}>
              <PersonCell contact={contact} />
              {action?.(contact)}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
