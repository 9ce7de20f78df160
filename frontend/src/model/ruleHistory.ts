/** Undo and redo of a rule that somebody else holds. Pure: what was before, and what came after. */
import type { Rule } from './rule';

export interface RuleHistory {
  past: readonly Rule[];
  future: readonly Rule[];
  /** What the last change belonged to: changes of one editor in a row are undone together. */
  mark: string | null;
  at: number;
}

export const NO_HISTORY: RuleHistory = { past: [], future: [], mark: null, at: 0 };

/** More steps than a person takes back one by one. */
const KEPT = 200;

/** Typing on after a pause this long (milliseconds) is a change of its own. */
const PAUSE = 1_500;

/** The history after a change from `before`, made in the editor `mark` at `now` (milliseconds). */
export function recorded(
  history: RuleHistory,
  before: Rule,
  mark: string | null,
  now: number,
): RuleHistory {
  const goesOn = mark !== null && mark === history.mark && now - history.at < PAUSE;
  return {
    past: goesOn && history.past.length > 0 ? history.past : [...history.past, before].slice(-KEPT),
    future: [],
    mark,
    at: now,
  };
}

export interface Turned {
  history: RuleHistory;
  rule: Rule;
}

export function undone(history: RuleHistory, present: Rule): Turned | null {
  const rule = history.past.at(-1);
  if (!rule) return null;
  return {
    rule,
    history: {
      past: history.past.slice(0, -1),
      future: [present, ...history.future],
      mark: null,
      at: 0,
    },
  };
}

export function redone(history: RuleHistory, present: Rule): Turned | null {
  const [rule, ...future] = history.future;
  if (!rule) return null;
  return { rule, history: { past: [...history.past, present], future, mark: null, at: 0 } };
}
