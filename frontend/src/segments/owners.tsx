/** Whose a segment is: who can be chosen, and the field to choose. */
import { t } from '@lingui/core/macro';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { useMe } from '@/api/queries';
import type { Owner } from './types';

export const ownerName = (owner: Pick<Owner, 'name' | 'email'>): string =>
  owner.name || owner.email;

/** Everybody who signs in, oneself first. */
export function useOwners(): Owner[] {
  const { data: me } = useMe();
  const { data } = useQuery({
    queryKey: ['people', 'owners'],
    queryFn: () => get<Owner[]>('/api/people/names/'),
    staleTime: 5 * 60_000,
    retry: false,
  });
  const people = data ?? [];
  const mine = ({ email }: Owner) => email === me?.email;
  return [...people.filter(mine), ...people.filter((each) => !mine(each))];
}

interface OwnerPickerProps {
  value: Owner | null;
  onChange: (owner: Owner | null) => void;
  readOnly?: boolean;
}

export function OwnerPicker({ value, onChange, readOnly = false }: OwnerPickerProps) {
  const { data: me } = useMe();
  const people = useOwners();
  // Who has been let go in the meantime stays the owner until another one is chosen.
  const known = value && !people.some(({ id }) => id === value.id) ? [value, ...people] : people;
  return (
    <Select
      label={t`Owner`}
      placeholder={t`Nobody`}
      description={t`Whom to ask about this segment.`}
      searchable
      clearable
      readOnly={readOnly}
      w={300}
      maw="100%"
      nothingFoundMessage={t`Nobody of this name signs in here.`}
      data={known.map((each) => ({
        value: String(each.id),
        label: each.email === me?.email ? t`${ownerName(each)} (you)` : ownerName(each),
      }))}
      value={value ? String(value.id) : null}
      onChange={(id) => onChange(known.find((each) => String(each.id) === id) ?? null)}
    />
  );
}
