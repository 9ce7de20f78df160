/** What the home page shows, asked for again while it is open. */
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { components } from '@/api/schema';

export type Home = components['schemas']['Home'];

export function useHome(every: number) {
  return useQuery({
    queryKey: ['home'],
    queryFn: () => get<Home>('/api/home/'),
    refetchInterval: every,
  });
}
