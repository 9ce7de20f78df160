/**
 * What every part of the rule builder shares.
 *
 * The rule itself goes down as props, so that a row whose condition did not change is not drawn
 * again; what opens, drags and collapses lives in a small store, of which a row reads its own part.
 */
import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { Rule, RuleNames } from '@/model/rule';
import { pathKey, type RulePath } from '@/model/ruleEdit';
import type { Fault } from '@/model/ruleFaults';
import type { Place } from '@/model/ruleMoves';
import type { Slot } from '@/model/ruleSentence';

export interface BuilderState {
  /** The one open editor or menu, as `editorId` names it. */
  open: string | null;
  /** What is being dragged, and where it would land. */
  dragged: RulePath | null;
  drop: Place | null;
  /** Groups folded to one line, by their own identity: they keep it until something in them changes. */
  folded: ReadonlySet<Rule>;
  /** Why no condition can be added any more; null while there is room. */
  full: string | null;
  /** What a screen reader is told. */
  said: string;
}

export const builderStore = (): StoreApi<BuilderState> =>
  createStore<BuilderState>(() => ({
    open: null,
    dragged: null,
    drop: null,
    folded: new Set<Rule>(),
    full: null,
    said: '',
  }));

export interface Builder {
  store: StoreApi<BuilderState>;
  /** The rule as it is now, for handlers; what is drawn comes by props. */
  root: () => Rule;
  /** Changes in one editor (`mark`) that follow one another are undone together. */
  change: (next: Rule, mark?: string) => void;
  undo: () => void;
  redo: () => void;
  setOpen: (id: string | null) => void;
  say: (words: string) => void;
  names: RuleNames;
  events: readonly { name: string; count?: number }[];
  /** The names of the events that let a visit in, whose properties a `trigger` condition asks. */
  triggerEvents: readonly string[];
  inFlow: boolean;
  readOnly: boolean;
  /** Prefix of the ids of this builder's elements, for moving the focus. */
  id: string;
}

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('useBuilder is for the parts of a RuleBuilder');
  return builder;
}

/** A part of the builder's state; the caller is drawn again only when that part changes. */
export function useBuilderState<Value>(pick: (state: BuilderState) => Value): Value {
  return useStore(useBuilder().store, pick);
}

/** Which of a row's editors is open, if any. */
export function useOpenSlot(path: RulePath): string | null {
  const prefix = `${pathKey(path)}:`;
  return useBuilderState(({ open }) =>
    open?.startsWith(prefix) ? open.slice(prefix.length) : null,
  );
}

/** What the server found wrong, by `pathKey`. */
export const FaultsContext = createContext<ReadonlyMap<string, readonly Fault[]>>(new Map());

const NO_FAULTS: readonly Fault[] = [];

export const useFaults = (path: RulePath): readonly Fault[] =>
  useContext(FaultsContext).get(pathKey(path)) ?? NO_FAULTS;

export type EditorSlot = Slot | 'add' | 'menu' | 'more' | 'word';

export const editorId = (path: RulePath, slot: EditorSlot): string => `${pathKey(path)}:${slot}`;

/** Sets the focus once React has drawn what the focus should go to. */
export function focusSoon(id: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));
}

/** Gives the focus to the first of the elements that is there, if what has just closed lost it. */
export function focusIfLost(...ids: string[]): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const lost = !document.activeElement || document.activeElement === document.body;
      const found = ids.map((id) => document.getElementById(id)).find((each) => each !== null);
      if (lost) found?.focus();
    }),
  );
}
