/** From a path in the rule's JSON, as the server names a fault, to the place on the screen. Pure. */
import { type Condition, isCondition, type Rule } from './rule';
import { pathKey, type RulePath, ruleAt, splitServerPath } from './ruleEdit';
import type { Slot } from './ruleSentence';

export interface RuleProblem {
  /** The server's path into the rule: `rules.0.value`. */
  path: string;
  detail: string;
}

export interface Fault {
  detail: string;
  /** The part of the condition that is wrong; none for a group, or a condition as a whole. */
  slot?: Slot;
}

const SUBJECT_KEYS = new Set([
  'name',
  'field',
  'segment',
  'topic',
  'flow',
  'node',
  'salt',
  'property',
]);

/** The part of a condition that one of its JSON keys is edited in. */
export function slotOfKey(rule: Condition, rest: string): Slot | undefined {
  const [key = '', index] = rest.split('.');
  if (key === 'where' && rule.type === 'event') {
    const at = Number(index);
    return Number.isInteger(at) && rule.where?.[at] ? `where.${at}` : undefined;
  }
  if (key === 'window') return 'window';
  if (key === 'for') return 'for';
  if (key === 'followed_by' || key === 'not_followed_by') return 'follow';
  if (rule.type === 'event') return key === 'name' ? 'subject' : eventSlot(key);
  if (rule.type === 'trigger' && key !== '') return 'subject';
  if (SUBJECT_KEYS.has(key)) return 'subject';
  if (key === 'op') return rule.type === 'score_change' ? 'value' : 'operator';
  return key === 'value' || key === 'percent' ? 'value' : undefined;
}

const eventSlot = (key: string): Slot | undefined =>
  ['measure', 'op', 'value'].includes(key) ? 'measure' : undefined;

/** The deepest rule on a path that there is: a fault of what is gone belongs to what held it. */
function nearest(root: Rule, path: RulePath): RulePath {
  let found = path;
  while (found.length > 0 && !ruleAt(root, found)) found = found.slice(0, -1);
  return found;
}

/**
 * Faults by `pathKey`. `wrapped` says that the builder drew a group around what the server saw, so
 * that every path is one step longer here.
 */
export function faultsByPath(
  root: Rule,
  problems: readonly RuleProblem[],
  wrapped: boolean,
): ReadonlyMap<string, readonly Fault[]> {
  const byPath = new Map<string, Fault[]>();
  for (const { path, detail } of problems) {
    const split = splitServerPath(path);
    const at = nearest(root, wrapped ? [0, ...split.path] : split.path);
    const rule = ruleAt(root, at);
    const slot = rule && isCondition(rule) ? slotOfKey(rule, split.rest) : undefined;
    const key = pathKey(at);
    byPath.set(key, [...(byPath.get(key) ?? []), slot ? { detail, slot } : { detail }]);
  }
  return byPath;
}
