/** Asks for the course of a flow over a period, and keeps the canvas up with it. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, url } from '@/api/client';
import type { FlowSeries } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { lengthOf, type RangeName } from '@/model/course';

/** Between two looks the counts of the socket carry the figures on; what is too old falls out. */
const POLL = 30_000;
/** A period of which at least this part was before there were figures. */
const YOUNG = 0.2;

export function usePeriod(key: string, range: RangeName): void {
  const { live } = useCanvas();
  const known = useLive((state) => state.counts.seq >= 0);
  const { data } = useQuery({
    queryKey: ['flow-series', key, range],
    queryFn: async () => {
      const begins = Date.now() - lengthOf(range);
      const ask = (from: number) =>
        get<FlowSeries>(url`/api/flows/${key}/series/`, { from: new Date(from).toISOString() });
      const series = await ask(begins);
      // A flow that is young has finer figures of what there is than of the whole period.
      const since = Date.parse(series.since);
      const young = since > begins + lengthOf(range) * YOUNG && since < Date.now();
      return { range, series: young ? await ask(since) : series };
    },
    refetchInterval: POLL,
    enabled: known,
    retry: false,
  });
  useEffect(() => {
    if (data) live.getState().take(data.range, data.series);
  }, [live, data]);
}
