/** Asks for the course of a flow over a period, and keeps the canvas up with it. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, url } from '@/api/client';
import type { FlowSeries } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { lengthOf, type RangeName } from '@/model/course';

const POLL = 30_000;

export function usePeriod(key: string, range: RangeName): void {
  const { live } = useCanvas();
  const known = useLive((state) => state.counts.seq >= 0);
  const { data } = useQuery({
    queryKey: ['flow-series', key, range],
    queryFn: async () => {
      const from = new Date(Date.now() - lengthOf(range)).toISOString();
      const series = await get<FlowSeries>(url`/api/flows/${key}/series/`, { from });
      return { range, series };
    },
    refetchInterval: POLL,
    // What the counts were when the figures came belongs to the figures: never those of before.
    gcTime: 0,
    enabled: known,
    retry: false,
  });
  useEffect(() => {
    if (data) live.getState().take(data.range, data.series);
  }, [live, data]);
}
