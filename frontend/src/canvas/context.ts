/** What every part of one canvas shares: its stores, the names of things, and how it is looked at. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { NodeType } from '@/api/types';
import type { LiveState, LiveStore } from '@/live/store';
import type { OpenEnd } from '@/model/graph';
import type { TrialCounts } from '@/model/trial';
import type { Names } from '@/nodes/kind';
import type { PresenceStore } from './presence';
import type { CanvasState, CanvasStore } from './store';

/** `design` can be changed, `live` shows counts, `read` is a picture of a version. */
export type CanvasMode = 'design' | 'live' | 'read';

export interface Canvas {
  mode: CanvasMode;
  store: CanvasStore;
  live: LiveStore;
  names: Names;
  types: ReadonlyMap<string, NodeType>;
  /** What a backtest came to, by node, while it is shown. */
  trial?: ReadonlyMap<string, TrialCounts>;
  presence: PresenceStore;
  /** Opens the menu of steps for a way out, at a place on the screen; of triggers, for none. */
  offer: (end: OpenEnd | null, at: { x: number; y: number }) => void;
}

export const CanvasContext = createContext<Canvas | null>(null);

export function useCanvas(): Canvas {
  const canvas = useContext(CanvasContext);
  if (!canvas) throw new Error('useCanvas is for the parts of a canvas.');
  return canvas;
}

export function useCanvasState<T>(select: (state: CanvasState) => T): T {
  return useStore(useCanvas().store, select);
}

export function useLive<T>(select: (state: LiveState) => T): T {
  return useStore(useCanvas().live, select);
}
