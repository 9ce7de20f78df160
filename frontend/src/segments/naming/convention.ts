/** The naming convention as pages use it: read once, checked and built by the server. */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, post } from '@/api/client';
import type { NameBuilt, NameCheck, NamePart, Naming } from '../types';

export const namingKey = ['segments', 'naming'] as const;

export const useNaming = () =>
  useQuery({
    queryKey: namingKey,
    queryFn: () => get<Naming>('/api/segments/naming/'),
    staleTime: 60_000,
  });

/** A name held against the convention while it is typed; nothing is asked of an empty one. */
export function useNameCheck(name: string, enabled: boolean) {
  const [asked] = useDebouncedValue(name.trim(), 250);
  return useQuery({
    queryKey: [...namingKey, 'check', asked],
    queryFn: ({ signal }) =>
      post<NameCheck>('/api/segments/naming/check/', { name: asked }, signal),
    enabled: enabled && asked !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

export function useNameBuilt(values: Record<string, string>, enabled = true) {
  const [asked] = useDebouncedValue(values, 150);
  return useQuery({
    queryKey: [...namingKey, 'build', asked],
    queryFn: ({ signal }) =>
      post<NameBuilt>('/api/segments/naming/build/', { values: asked }, signal),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

export const DATE_FORMATS = ['YYYY-MM', 'YYYY-MM-DD', 'YYYYMM', 'YYYYMMDD', 'YYYY'] as const;

/** A day as the convention writes it: 2026-06, 20260622. */
export function dateAs(format: string | undefined, day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return (format ?? 'YYYY-MM')
    .replace('YYYY', String(day.getFullYear()))
    .replace('MM', two(day.getMonth() + 1))
    .replace('DD', two(day.getDate()));
}

/** What a part is unless somebody says otherwise: today, and who asks. */
export function usualValue(part: NamePart, day: Date, owner: string): string {
  if (part.kind === 'date') return dateAs(part.format, day);
  return part.kind === 'owner' && part.required ? owner : '';
}

/** An example of a part, for a name that shows what the convention means. */
export function exampleValue(part: NamePart, day: Date, owner: string): string {
  if (part.kind === 'date') return dateAs(part.format, day);
  if (part.kind === 'owner') return owner;
  return part.kind === 'choice' ? (part.choices[0] ?? '…') : part.label;
}

export const exampleName = (
  { parts, separator }: Pick<Naming, 'parts' | 'separator'>,
  day: Date,
  owner: string,
): string => parts.map((part) => exampleValue(part, day, owner)).join(separator);

/** A key for a part from what it is called, one that no other part has. */
export function partKey(label: string, taken: readonly string[]): string {
  const base =
    label
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'part';
  let key = base;
  for (let n = 2; taken.includes(key); n += 1) key = `${base}-${n}`;
  return key;
}
