/**
 * The visit that is followed, kept up to date.
 *
 * The socket carries counts, not persons: telling each page of each step of each person would cost
 * the server what the counts were made to spare. A contact cannot leave a step without that step's
 * counts changing, so the visit is asked for anew when those do, at most once a second; besides when
 * its time has come, and seldom otherwise (it may be merged, or its flow paused).
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, url } from '@/api/client';
import type { VisitShown } from '@/api/types';
import { useCanvas } from '@/canvas/context';

const AT_MOST_EVERY = 1_000;
const SELDOM = 15_000;
/** The engine needs a moment after the instant. */
const AFTER_DUE = 300;
const LONGEST_TIMER = 2 ** 31 - 1;

export function useVisit(id: number | undefined, status: string) {
  const { live } = useCanvas();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['visit', id],
    queryFn: ({ signal }) => get<VisitShown>(url`/api/visits/${String(id)}/`, undefined, signal),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.here ? SELDOM : false),
    retry: false,
  });
  const here = query.data?.here?.node;
  const until = query.data?.here?.until;

  useEffect(() => {
    if (id === undefined || here === undefined) return undefined;
    let asked = 0;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      if (waiting !== undefined) return;
      const wait = Math.max(0, asked + AT_MOST_EVERY - Date.now());
      waiting = setTimeout(() => {
        waiting = undefined;
        asked = Date.now();
        void client.invalidateQueries({ queryKey: ['visit', id] });
      }, wait);
    };
    const end = live.subscribe(({ counts }, before) => {
      if (counts.nodes[here] !== before.counts.nodes[here]) ask();
    });
    return () => {
      end();
      clearTimeout(waiting);
    };
  }, [client, live, id, here]);

  useEffect(() => {
    if (!until || status !== 'live') return undefined;
    const wait = Date.parse(until) - Date.now() + AFTER_DUE;
    if (wait > LONGEST_TIMER) return undefined;
    // What is late is asked for every two seconds until it has happened.
    const again = () => void client.invalidateQueries({ queryKey: ['visit', id] });
    let every: ReturnType<typeof setInterval> | undefined;
    const once = setTimeout(
      () => {
        again();
        every = setInterval(again, AT_MOST_EVERY * 2);
      },
      Math.max(wait, AT_MOST_EVERY),
    );
    return () => {
      clearTimeout(once);
      clearInterval(every);
    };
  }, [client, id, until, status]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is awaited depends on the state
  useEffect(() => {
    if (id !== undefined) void client.invalidateQueries({ queryKey: ['visit', id] });
  }, [client, status]);

  return query;
}
