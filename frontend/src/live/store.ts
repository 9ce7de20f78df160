/**
 * What is live on one canvas: counts per node in a map of their own, never merged into the nodes.
 *
 * A node's card reads its own entry, so a message redraws only the cards whose numbers changed.
 */
import { createStore } from 'zustand';
import { openSocket, type Socket, type SocketState } from '@/api/socket';
import type { CountsMessage } from '@/api/types';
import { applyCounts, type LiveCounts, NO_COUNTS, travelled } from '@/model/counts';

/** Points of a node's sparkline, and the time between two. */
const HISTORY = 40;
const SAMPLE_EVERY = 2_000;

export interface LiveState {
  counts: LiveCounts;
  connection: SocketState;
  /** The recent numbers of people at each node, oldest first. */
  history: Record<string, number[]>;
  /** By edge id: how many went along since the page was opened. Its growth draws a pulse. */
  journeys: Record<string, number>;
  receive: (message: CountsMessage) => void;
  sample: () => void;
}

export function createLiveStore() {
  return createStore<LiveState>()((set) => ({
    counts: NO_COUNTS,
    connection: 'connecting',
    history: {},
    journeys: {},

    receive: (message) =>
      set((state) => {
        const counts = applyCounts(state.counts, message);
        if (counts === state.counts) return state;
        const more = travelled(state.counts, counts);
        if (more.size === 0) return { counts };
        const journeys = { ...state.journeys };
        for (const [edge, count] of more) journeys[edge] = (journeys[edge] ?? 0) + count;
        return { counts, journeys };
      }),

    sample: () =>
      set((state) => {
        const history: Record<string, number[]> = {};
        for (const [id, { here }] of Object.entries(state.counts.nodes)) {
          history[id] = [...(state.history[id] ?? []).slice(1 - HISTORY), here];
        }
        return { history };
      }),
  }));
}

export type LiveStore = ReturnType<typeof createLiveStore>;

/** Listens to a flow's socket until the returned function is called; what is no count goes on. */
export function watch<T extends { type: string }>(
  store: LiveStore,
  key: string,
  others?: { onMessage: (message: T) => void; onOpen: () => void },
): Socket {
  const close = openSocket<CountsMessage | T>(`/ws/flows/${encodeURIComponent(key)}/`, {
    onMessage: (message) => {
      if (message.type === 'snapshot' || message.type === 'counts') {
        store.getState().receive(message as CountsMessage);
      } else others?.onMessage(message as T);
    },
    onState: (connection) => {
      store.setState({ connection });
      if (connection === 'open') others?.onOpen();
    },
  });
  const timer = setInterval(() => store.getState().sample(), SAMPLE_EVERY);
  const end = () => {
    clearInterval(timer);
    close();
  };
  return Object.assign(end, { send: close.send });
}
