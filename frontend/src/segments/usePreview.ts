/** How many people a rule chooses, counted by the server while it is being built. */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { post } from '@/api/client';
import type { Sent } from '@/api/types';
import type { Rule } from '@/model/rule';

export type Preview = Sent<'SegmentPreview'>;

/** `ready` says whether the rule can be counted at all; until then nothing is asked. */
export function usePreview(rule: Rule, ready: boolean) {
  const [text] = useDebouncedValue(JSON.stringify(rule), 300);
  const answer = useQuery({
    queryKey: ['segment-preview', text],
    queryFn: ({ signal }) =>
      post<Preview>('/api/segments/preview/', { rule: JSON.parse(text) as Rule }, signal),
    enabled: ready && text === JSON.stringify(rule),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  });
  return { ...answer, stale: !ready || answer.isPlaceholderData || text !== JSON.stringify(rule) };
}
