/**
 * How many people a rule chooses, counted by the server while it is being built.
 *
 * First the quick answer, which may be an estimate; where it is one, the exact number after it. A
 * question that is no longer the latest is cancelled.
 */
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError, post } from '@/api/client';
import type { Sent } from '@/api/types';
import type { Rule } from '@/model/rule';
import type { RuleProblem } from '@/model/ruleFaults';
import type { Top } from './types';

export type Preview = Sent<'SegmentPreview'>;

/** Typing has paused for this long (milliseconds) before anything is asked. */
const PAUSE = 250;

/** What the server found wrong in the rule it was asked about. */
function problemsOf(error: Error | null): readonly RuleProblem[] {
  if (!(error instanceof ApiError)) return [];
  return error.errors
    .filter((item) => item.attr?.startsWith('rule'))
    .map((item) => ({ path: item.attr ?? '', detail: item.detail }));
}

/** `ready` says whether the rule can be counted at all; until then nothing is asked. */
export function usePreview(rule: Rule, ready: boolean, top: Top | null = null) {
  const present = useMemo(() => JSON.stringify(top ? { rule, top } : { rule }), [rule, top]);
  const [text] = useDebouncedValue(present, PAUSE);
  const settled = ready && text === present;
  const ask = (exact: boolean, signal: AbortSignal) =>
    post<Preview>(
      '/api/segments/preview/',
      { ...(JSON.parse(text) as object), ...(exact ? { exact } : {}) },
      signal,
    );

  const quick = useQuery({
    queryKey: ['segment-preview', text],
    queryFn: ({ signal }) => ask(false, signal),
    enabled: settled,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  });
  const estimated = quick.data?.exact === false && !quick.isPlaceholderData;
  const exactly = useQuery({
    queryKey: ['segment-preview', text, 'exact'],
    queryFn: ({ signal }) => ask(true, signal),
    enabled: settled && estimated,
    staleTime: 30_000,
    retry: false,
  });

  const stale = !settled || quick.isPlaceholderData;
  const problems = useMemo(() => (settled ? problemsOf(quick.error) : []), [settled, quick.error]);
  return {
    rule,
    data: (estimated && exactly.data) || quick.data,
    error: stale ? null : quick.error,
    /** What is wrong with the rule, for the builder to show at its place. */
    problems,
    isFetching: quick.isFetching,
    /** The exact number is still being counted. */
    isRefining: exactly.isFetching,
    stale,
    refetch: quick.refetch,
  };
}
