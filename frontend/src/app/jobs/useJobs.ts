/** The jobs of the workspace, looked at often while any is under way and seldom otherwise. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { get } from '@/api/client';
import type { CursorPage } from '@/api/types';
import type { Job } from '@/settings/types';
import { isOpen, justEnded } from './jobs';

const OFTEN = 2_000;
const SELDOM = 15_000;
const LIMIT = 20;

/** The newest jobs; `onEnd` is told of each that ends while this page is open. */
export function useJobs(onEnd: (job: Job) => void): Job[] {
  const { data: jobs } = useQuery({
    queryKey: ['jobs', 'frame'],
    queryFn: async () => (await get<CursorPage<Job>>('/api/jobs/', { limit: LIMIT })).results,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? OFTEN : SELDOM),
    // A frame that cannot tell of jobs says nothing; the pages say what is wrong.
    retry: false,
  });
  const seen = useRef<Job[]>([]);
  useEffect(() => {
    if (!jobs) return;
    for (const job of justEnded(seen.current, jobs)) onEnd(job);
    seen.current = jobs;
  }, [jobs, onEnd]);
  return jobs ?? [];
}
