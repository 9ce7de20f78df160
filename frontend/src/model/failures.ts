/** Failures of a flow's steps: grouped, counted, and said in words. Pure. */
import { plural, t } from '@lingui/core/macro';
import type { FailureGroup } from '@/api/types';

/** Whom a repair is for: these visits, all at a node (of one kind), or all of the flow. */
export type RepairTarget =
  | { visits: number[] }
  | (({ node: string; kind?: string } | { all: true }) & { search?: string });

export type RepairWay = 'retry' | 'skip';

export const countOf = (groups: readonly FailureGroup[]): number =>
  groups.reduce((sum, group) => sum + group.count, 0);

/** The groups of each node, the node with the most failures first. */
export function byNode(groups: readonly FailureGroup[]): [string, FailureGroup[]][] {
  const nodes = new Map<string, FailureGroup[]>();
  for (const group of groups) nodes.set(group.node, [...(nodes.get(group.node) ?? []), group]);
  return [...nodes]
    .map(([node, own]): [string, FailureGroup[]] => [
      node,
      [...own].sort((a, b) => b.count - a.count),
    ])
    .sort(([, a], [, b]) => countOf(b) - countOf(a));
}

/** What a repair has done, for the message after it. */
export function repairWords(way: RepairWay, count: number): string {
  if (count === 0) return t`Nobody was failing there any more.`;
  return way === 'retry'
    ? plural(count, {
        one: '# person tries the step again.',
        other: '# people try the step again.',
      })
    : plural(count, {
        one: '# person goes on without the step.',
        other: '# people go on without the step.',
      });
}
