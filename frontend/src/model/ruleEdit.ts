/**
 * Editing a rule at a path. Pure: each function returns a new rule and leaves the old one alone.
 *
 * A path leads from the root to an inner rule by positions: in a group the index, in a `not` always 0.
 */
import { emptyGroup, type GroupRule, isGroup, type Rule } from './rule';

export type RulePath = readonly number[];

export const pathKey = (path: RulePath): string => (path.length ? path.join('.') : 'root');

export function innerRules(rule: Rule): readonly Rule[] {
  if (isGroup(rule)) return rule.rules;
  return rule.type === 'not' ? [rule.rule] : [];
}

/** The rule at a path, or undefined where the path leads nowhere. */
export function ruleAt(root: Rule, path: RulePath): Rule | undefined {
  let rule: Rule | undefined = root;
  for (const index of path) {
    if (!rule) return undefined;
    rule = innerRules(rule)[index];
  }
  return rule;
}

/** The root with the rule at `path` changed; a path that leads nowhere changes nothing. */
export function updateAt(root: Rule, path: RulePath, change: (rule: Rule) => Rule): Rule {
  const [head, ...rest] = path;
  if (head === undefined) return change(root);
  if (isGroup(root)) {
    if (!root.rules[head]) return root;
    return {
      ...root,
      rules: root.rules.map((inner, i) => (i === head ? updateAt(inner, rest, change) : inner)),
    };
  }
  if (root.type === 'not' && head === 0) {
    return { ...root, rule: updateAt(root.rule, rest, change) };
  }
  return root;
}

export const replaceAt = (root: Rule, path: RulePath, rule: Rule): Rule =>
  updateAt(root, path, () => rule);

/** Put a rule into the group at `path`, at `index` or at its end. A condition there is wrapped first. */
export function insertAt(root: Rule, path: RulePath, rule: Rule, index?: number): Rule {
  return updateAt(root, path, (target) => {
    const group: GroupRule = isGroup(target) ? target : { type: 'all', rules: [target] };
    const at = index ?? group.rules.length;
    return { ...group, rules: [...group.rules.slice(0, at), rule, ...group.rules.slice(at)] };
  });
}

/**
 * Take the rule at `path` out. A `not` that loses its inner rule goes with it; the root becomes an
 * empty group, which selects nobody.
 */
export function removeAt(root: Rule, path: RulePath): Rule {
  const parentPath = path.slice(0, -1);
  const index = path[path.length - 1];
  if (index === undefined) return emptyGroup();
  const parent = ruleAt(root, parentPath);
  if (!parent) return root;
  if (parent.type === 'not') return removeAt(root, parentPath);
  if (!isGroup(parent)) return root;
  return replaceAt(root, parentPath, {
    ...parent,
    rules: parent.rules.filter((_, i) => i !== index),
  });
}

/** Put a group (or `not`) around the rule at `path`. */
export function wrapAt(root: Rule, path: RulePath, type: 'all' | 'any' | 'not'): Rule {
  return updateAt(root, path, (rule) =>
    type === 'not' ? { type, rule } : { type, rules: [rule] },
  );
}

/** Dissolve the group or `not` at `path`: its inner rules take its place. */
export function unwrapAt(root: Rule, path: RulePath): Rule {
  const rule = ruleAt(root, path);
  if (!rule) return root;
  const inner = innerRules(rule);
  const only = inner[0];
  if (only && inner.length === 1) return replaceAt(root, path, only);
  const index = path[path.length - 1];
  const parent = ruleAt(root, path.slice(0, -1));
  if (index === undefined || !parent || !isGroup(parent)) return root;
  return replaceAt(root, path.slice(0, -1), {
    ...parent,
    rules: [...parent.rules.slice(0, index), ...inner, ...parent.rules.slice(index + 1)],
  });
}

/** Where two rules first differ: the path, in the second, of the innermost rule that holds it all. */
export function differsAt(before: Rule, after: Rule): RulePath {
  const [old, fresh] = [innerRules(before), innerRules(after)];
  if (before.type !== after.type || fresh.length === 0) return [];
  const at = fresh.findIndex((inner, i) => inner !== old[i]);
  const index = at < 0 ? fresh.length - 1 : at;
  const [was, is] = [old[index], fresh[index]];
  const alone =
    old.length === fresh.length && fresh.every((each, i) => i === index || each === old[i]);
  return was && is && alone ? [index, ...differsAt(was, is)] : [index];
}

export function duplicateAt(root: Rule, path: RulePath): Rule {
  const rule = ruleAt(root, path);
  const index = path[path.length - 1];
  const parent = ruleAt(root, path.slice(0, -1));
  if (!rule || index === undefined || !parent || !isGroup(parent)) return root;
  return insertAt(root, path.slice(0, -1), structuredClone(rule), index + 1);
}

/**
 * The path a server's problem speaks of, as a rule path and what is left of it.
 * `rules.0.rule.value` leads to `[0, 0]`, and `value` is left.
 */
export function splitServerPath(path: string): { path: number[]; rest: string } {
  const keys = path
    .replace(/\[(\d+)\]/g, '.$1')
    .split(/[./]/)
    .filter(Boolean);
  const found: number[] = [];
  let i = 0;
  while (i < keys.length) {
    const next = keys[i + 1];
    if (keys[i] === 'rules' && next !== undefined && /^\d+$/.test(next)) {
      found.push(Number(next));
      i += 2;
    } else if (keys[i] === 'rule') {
      // a problem may name the whole by `rule` first: only below the root is it a `not`
      if (i > 0) found.push(0);
      i += 1;
    } else if (keys[i] === 'all' || keys[i] === 'any' || keys[i] === 'not') {
      i += 1;
    } else {
      break;
    }
  }
  return { path: found, rest: keys.slice(i).join('.') };
}
