/**
 * Why a rule is true or false of somebody: what the server saw, as people read it. Pure.
 *
 * The tree is the rule's own JSON with what each condition saw. What *decides* is what would have to
 * be otherwise for the whole to be: of a group "all" that is false, only what is false in it.
 */
import { plural, t } from '@lingui/core/macro';
import { asRule, type Condition, isCondition, isGroup, type Rule } from './rule';
import { instantWords } from './ruleWords';

/** A rule as the server explains it for one contact. */
export interface Explained {
  type: string;
  is_true: boolean;
  words?: string;
  saw?: string | null;
  data?: Record<string, unknown> | null;
  until?: string | null;
  until_words?: string | null;
  rules?: Explained[];
  rule?: Explained;
}

/** A node with whether it decides the whole. */
export interface WhyNode {
  node: Explained;
  decides: boolean;
  inner: WhyNode[];
}

export const innerOf = (node: Explained): readonly Explained[] =>
  node.rules ?? (node.rule ? [node.rule] : []);

export function whyTree(node: Explained, decides = true): WhyNode {
  const inner = innerOf(node).map((each) => {
    // a true "all" needs all of them, a true "any" any that is true; when false it is the reverse
    const counts =
      node.type === 'not' ||
      (node.type === 'all') === node.is_true ||
      each.is_true === node.is_true;
    return whyTree(each, decides && counts);
  });
  return { node, decides, inner };
}

/** How many conditions the tree has, and how many of them are true. */
export function tally(node: Explained): { all: number; true: number } {
  const inner = innerOf(node);
  if (inner.length === 0 && node.type !== 'all' && node.type !== 'any') {
    return { all: 1, true: node.is_true ? 1 : 0 };
  }
  return inner
    .map(tally)
    .reduce((sum, each) => ({ all: sum.all + each.all, true: sum.true + each.true }), {
      all: 0,
      true: 0,
    });
}

/** "all of these: 2 of 3 are true". */
export function groupWords(node: Explained): string {
  const inner = innerOf(node);
  if (node.type === 'not') return t`not so that`;
  const count = inner.filter((each) => each.is_true).length;
  const all = inner.length;
  return node.type === 'all'
    ? plural(count, {
        one: `All of these: # of ${all} is true`,
        other: `All of these: # of ${all} are true`,
      })
    : plural(count, {
        one: `Any of these: # of ${all} is true`,
        other: `Any of these: # of ${all} are true`,
      });
}

/** The condition that a node is; null for a group or a `not`. */
export function conditionOf(node: Explained): Condition | null {
  const rule: Rule = asRule(node);
  return isCondition(rule) && !isGroup(rule) ? rule : null;
}

const times = (count: number): string =>
  count === 1 ? t`once` : count === 2 ? t`twice` : t`${count.toLocaleString('en-GB')} times`;

function eventsSeen(data: Record<string, unknown>, zone?: string): string {
  const count = Number(data.count);
  if (!count) return t`never`;
  const last = data.last as { name?: string; at?: string } | null;
  const value = typeof data.value === 'number' && data.value !== count ? data.value : null;
  const often =
    value === null ? times(count) : t`${value.toLocaleString('en-GB')} over ${times(count)}`;
  return last?.at ? t`${often}, last ${last.name ?? ''} on ${instantWords(last.at, zone)}` : often;
}

/** What a condition saw, in words, with instants on the clock of the zone or the viewer. */
export function seenWords(node: Explained, zone?: string): string | null {
  const { data, saw } = node;
  if (data && 'count' in data) return eventsSeen(data, zone);
  const value = data?.value;
  if (node.type === 'segment') return value ? t`a member` : t`not a member`;
  if (node.type === 'flow' && typeof value === 'number') {
    return value === 1 ? t`one visit` : t`${value} visits`;
  }
  if (node.type === 'score_change' && typeof value === 'number') {
    return t`${value > 0 ? '+' : ''}${value.toLocaleString('en-GB')} points`;
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) {
    return instantWords(value, zone);
  }
  const ours = node.type === 'reachable' || node.type === 'consent';
  return (ours && saw ? saw.replace(/^“(.*)”$/, '$1') : saw) || null;
}
