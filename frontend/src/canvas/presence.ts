/** Who else is at this flow, as its socket tells, and where we are ourselves. */
import { createStore } from 'zustand';
import type { CanvasStore } from './store';

export interface Person {
  id: string;
  name: string;
  email: string;
  node: string | null;
  editing: boolean;
}

export type EditorsMessage =
  | { type: 'presence'; you: string; people: Person[] }
  | { type: 'draft'; revision: number; by: string };

export interface PresenceState {
  /** The others; never oneself. */
  people: Person[];
  receive: (message: EditorsMessage) => void;
}

const NOBODY: Person[] = [];

export function createPresenceStore() {
  return createStore<PresenceState>()((set) => ({
    people: NOBODY,
    receive: (message) => {
      if (message.type !== 'presence') return;
      set({ people: message.people.filter((each) => each.id !== message.you) });
    },
  }));
}

export type PresenceStore = ReturnType<typeof createPresenceStore>;

/** Says where we are: now, and whenever another step is chosen. Answers with what ends it. */
export function sayWhere(
  store: CanvasStore,
  editing: () => boolean,
  send: (message: unknown) => void,
): { again: () => void; end: () => void } {
  const again = () => {
    const { selected, readOnly } = store.getState();
    const node = selected.size === 1 ? ([...selected][0] ?? null) : null;
    send({ type: 'here', node, editing: editing() && !readOnly });
  };
  const end = store.subscribe((now, was) => {
    if (now.selected !== was.selected || now.readOnly !== was.readOnly) again();
  });
  return { again, end };
}
