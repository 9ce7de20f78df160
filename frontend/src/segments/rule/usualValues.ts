/** The values that fields and properties usually have, offered while a value is typed. */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';

export interface UsualValue {
  value: string;
  count: number;
}

/** Whose values: a field's, or those of a property of events. */
export type ValueSource =
  | { field: string }
  | { events: readonly string[]; property: string }
  | null;

interface UsualValues {
  values: { value: unknown; count: number }[];
  of: number;
}

const NONE: readonly UsualValue[] = [];

function askFor(source: ValueSource, search: string) {
  if (!source) return null;
  if ('field' in source) {
    return source.field
      ? { path: '/api/fields/values/' as const, query: { field: source.field, search } }
      : null;
  }
  const [name] = source.events;
  if (!name || name === '*' || !source.property) return null;
  const query = { name, property: source.property, search };
  return { path: '/api/fields/event-values/' as const, query };
}

/** The usual values as text, those seen most first. None while they cannot be read. */
export function useUsualValues(source: ValueSource, typed: string): readonly UsualValue[] {
  const [search] = useDebouncedValue(typed.trim(), 200);
  const asked = askFor(source, search);
  const { data } = useQuery({
    queryKey: ['usual-values', asked],
    queryFn: ({ signal }) =>
      asked ? get<UsualValues>(asked.path, asked.query, signal) : { values: [], of: 0 },
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  if (!data || !asked) return NONE;
  return data.values.map(({ value, count }) => ({ value: String(value), count }));
}
