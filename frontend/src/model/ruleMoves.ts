/**
 * Moving a rule to another place, also across groups. Pure.
 *
 * A place is where a rule would stand before anything has moved: the path of a group, and the index
 * in it. What is moved is always what the group sees: a condition together with the `not` around it.
 */
import { isGroup, type Rule } from './rule';
import { insertAt, type RulePath, removeAt, ruleAt } from './ruleEdit';

export interface Place {
  group: RulePath;
  index: number;
}

export interface Moved {
  root: Rule;
  /** Where the moved rule stands now. */
  path: RulePath;
}

export type Direction = 'up' | 'down' | 'in' | 'out';

/** Whether `path` leads to `ancestor` or into it. */
export const isWithin = (path: RulePath, ancestor: RulePath): boolean =>
  ancestor.length <= path.length && ancestor.every((index, i) => path[i] === index);

/** The path of a rule as its group sees it: the outermost of the `not`s that hold it alone. */
export function outerOf(root: Rule, path: RulePath): RulePath {
  let outer = path;
  while (outer.length > 0 && ruleAt(root, outer.slice(0, -1))?.type === 'not') {
    outer = outer.slice(0, -1);
  }
  return outer;
}

/** The group that a rule is, also within `not`; null for a condition. */
export function groupPathOf(root: Rule, path: RulePath): RulePath | null {
  const rule = ruleAt(root, path);
  if (!rule) return null;
  if (isGroup(rule)) return path;
  return rule.type === 'not' ? groupPathOf(root, [...path, 0]) : null;
}

/** Moves the rule at `from` to a place; null where it stands there already or cannot go. */
export function relocate(root: Rule, from: RulePath, { group, index }: Place): Moved | null {
  const rule = ruleAt(root, from);
  const target = ruleAt(root, group);
  const home = from.slice(0, -1);
  const at = from.at(-1);
  if (!rule || at === undefined || !target || !isGroup(target)) return null;
  if (isWithin(group, from) || !isGroup(ruleAt(root, home) ?? rule)) return null;
  const same = home.length === group.length && isWithin(group, home);
  const to = Math.max(0, Math.min(index, target.rules.length));
  if (same && (to === at || to === at + 1)) return null;

  // it is put in first, which may move it on by one, and then taken out where it was
  const shifts = isWithin(from, group) && (from[group.length] ?? -1) >= to;
  const source = shifts ? raised(from, group.length, 1) : from;
  const landed: RulePath = [...group, to];
  const last = source.length - 1;
  const lowers =
    isWithin(landed, source.slice(0, last)) && (source[last] ?? 0) < (landed[last] ?? -1);
  return {
    root: removeAt(insertAt(root, group, rule, to), source),
    path: lowers ? raised(landed, last, -1) : landed,
  };
}

const raised = (path: RulePath, position: number, by: number): RulePath =>
  path.map((index, i) => (i === position ? index + by : index));

/** The place one step away: among the siblings, into the group beside, or out of the own group. */
export function placeBeside(root: Rule, from: RulePath, direction: Direction): Place | null {
  const group = from.slice(0, -1);
  const at = from.at(-1);
  const parent = ruleAt(root, group);
  if (at === undefined || !parent || !isGroup(parent)) return null;
  switch (direction) {
    case 'up':
      return at > 0 ? { group, index: at - 1 } : null;
    case 'down':
      return at < parent.rules.length - 1 ? { group, index: at + 2 } : null;
    case 'out': {
      const outer = outerOf(root, group);
      const place = outer.at(-1);
      return place === undefined ? null : { group: outer.slice(0, -1), index: place + 1 };
    }
    case 'in': {
      const above = at > 0 ? groupPathOf(root, [...group, at - 1]) : null;
      const found = above && ruleAt(root, above);
      if (above && found && isGroup(found)) return { group: above, index: found.rules.length };
      const below = groupPathOf(root, [...group, at + 1]);
      return below ? { group: below, index: 0 } : null;
    }
  }
}

/** Moves a rule one step by keyboard; null where there is no such step. */
export function stepAt(root: Rule, from: RulePath, direction: Direction): Moved | null {
  const place = placeBeside(root, from, direction);
  return place && relocate(root, from, place);
}
