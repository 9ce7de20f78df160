/**
 * What is live on one canvas: counts per node in a map of their own, never merged into the nodes.
 *
 * A node's card reads its own entry, so a message redraws only the cards whose numbers changed.
 */
import { createStore } from 'zustand';
import { get, url } from '@/api/client';
import { openSocket, type Socket, type SocketState } from '@/api/socket';
import type { CountsMessage, FlowCounts, FlowSeries } from '@/api/types';
import {
  applyCounts,
  isGap,
  type LiveCounts,
  NO_COUNTS,
  takeSnapshot,
  travelled,
} from '@/model/counts';
import {
  marked,
  type PaceMark,
  type Period,
  paces,
  periodOf,
  type RangeName,
} from '@/model/course';
import { type Heat, type HeatBy, heatOf } from '@/model/heat';

const SAMPLE_EVERY = 5_000;
const ASK_AGAIN = 250;

export interface LiveState {
  counts: LiveCounts;
  connection: SocketState;
  /** By edge id: how many went along since the page was opened. Its growth draws a pulse. */
  journeys: Record<string, number>;
  /** What happened in the period that is looked at. */
  period: Period | null;
  /** How warm the steps are, while that is shown. */
  heat: Heat | null;
  /** By step: people a minute who arrive. */
  pace: Record<string, number>;
  marks: PaceMark[];
  receive: (message: CountsMessage) => void;
  /** All numbers, asked for beside the socket; false where they are older than what is known. */
  resync: (snapshot: FlowCounts) => boolean;
  take: (range: RangeName, series: FlowSeries) => void;
  heatBy: (by: HeatBy | null) => void;
  sample: (now: number) => void;
}

export function createLiveStore() {
  return createStore<LiveState>()((set, read) => {
    const changed = (state: LiveState, counts: LiveCounts): Partial<LiveState> => {
      if (counts === state.counts) return {};
      const heat = state.heat && heatOf(state.heat.by, counts.nodes, state.period);
      const more = travelled(state.counts, counts);
      if (more.size === 0) return { counts, heat };
      const journeys = { ...state.journeys };
      for (const [edge, count] of more) journeys[edge] = (journeys[edge] ?? 0) + count;
      return { counts, heat, journeys };
    };

    return {
      counts: NO_COUNTS,
      connection: 'connecting',
      journeys: {},
      period: null,
      heat: null,
      pace: {},
      marks: [],

      receive: (message) => set((state) => changed(state, applyCounts(state.counts, message))),

      resync: (snapshot) => {
        const counts = takeSnapshot(read().counts, snapshot);
        if (counts) set((state) => changed(state, counts));
        return counts !== null;
      },

      take: (range, series) =>
        set(({ counts, heat }) => {
          const period = periodOf(range, series);
          return { period, heat: heat && heatOf(heat.by, counts.nodes, period) };
        }),

      heatBy: (by) =>
        set(({ counts, period }) => ({ heat: by && heatOf(by, counts.nodes, period) })),

      sample: (now) =>
        set(({ counts, marks }) => {
          if (counts.seq < 0) return {};
          const entered = Object.fromEntries(
            Object.entries(counts.nodes).map(([id, each]) => [id, each.entered]),
          );
          const next = marked(marks, { at: now, entered });
          return { marks: next, pace: paces(next) };
        }),
    };
  });
}

export type LiveStore = ReturnType<typeof createLiveStore>;

/**
 * Hands messages to a store. Where some are missing, all numbers are asked for beside the socket
 * until they are as new as what the socket said last.
 */
export function receiver(
  store: LiveStore,
  ask: () => Promise<FlowCounts>,
  later: (again: () => void) => void = (again) => void setTimeout(again, ASK_AGAIN),
): (message: CountsMessage) => void {
  let asking = false;
  const catchUp = async () => {
    try {
      if (!store.getState().resync(await ask())) later(() => void catchUp());
      else asking = false;
    } catch {
      // Whatever is wrong, the socket comes back with a snapshot, or the next gap asks again.
      asking = false;
    }
  };
  return (message) => {
    const gap = isGap(store.getState().counts, message);
    store.getState().receive(message);
    if (!gap || asking) return;
    asking = true;
    void catchUp();
  };
}

/** Listens to a flow's socket until the returned function is called; what is no count goes on. */
export function watch<T extends { type: string }>(
  store: LiveStore,
  key: string,
  others?: { onMessage: (message: T) => void; onOpen: () => void },
): Socket {
  const receive = receiver(store, () => get<FlowCounts>(url`/api/flows/${key}/counts/`));
  const close = openSocket<CountsMessage | T>(`/ws/flows/${encodeURIComponent(key)}/`, {
    onMessage: (message) => {
      if (message.type === 'snapshot' || message.type === 'counts') {
        receive(message as CountsMessage);
        if (store.getState().marks.length === 0) store.getState().sample(Date.now());
      } else others?.onMessage(message as T);
    },
    onState: (connection) => {
      store.setState({ connection });
      if (connection === 'open') others?.onOpen();
    },
  });
  const timer = setInterval(() => store.getState().sample(Date.now()), SAMPLE_EVERY);
  const end = () => {
    clearInterval(timer);
    close();
  };
  return Object.assign(end, { send: close.send });
}
