/** What every part of the rule builder shares: the rule, the names, and which editor is open. */
import { createContext, useContext } from 'react';
import type { Rule, RuleNames } from '@/model/rule';
import type { RulePath } from '@/model/ruleEdit';
import { pathKey } from '@/model/ruleEdit';
import type { Hint } from '@/model/ruleHints';
import type { Slot } from '@/model/ruleSentence';

export interface Builder {
  root: Rule;
  change: (next: Rule) => void;
  names: RuleNames;
  events: readonly { name: string; count?: number }[];
  /** The names of the events that let a visit in, whose properties a `trigger` condition asks. */
  triggerEvents: readonly string[];
  inFlow: boolean;
  readOnly: boolean;
  /** The one open editor, as `editorId` names it. */
  open: string | null;
  setOpen: (id: string | null) => void;
  /** What the server found wrong, by `pathKey`. */
  problems: ReadonlyMap<string, readonly string[]>;
  hints: readonly Hint[];
  /** The row being dragged. */
  dragged: RulePath | null;
  setDragged: (path: RulePath | null) => void;
  /** Prefix of the ids of this builder's elements, for moving the focus. */
  id: string;
}

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('useBuilder is for the parts of a RuleBuilder');
  return builder;
}

export const editorId = (path: RulePath, slot: Slot | 'add'): string => `${pathKey(path)}:${slot}`;

/** Sets the focus once React has drawn what the focus should go to. */
export function focusSoon(id: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));
}

/** Longer than a popover takes to close and to give the focus back by itself. */
const CLOSED_MS = 200;

/** Gives the focus to an element if a closing popover left it nowhere. */
export function focusIfLost(id: string): void {
  setTimeout(() => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost) document.getElementById(id)?.focus();
  }, CLOSED_MS);
}
