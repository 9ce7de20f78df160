/** The steps one may add, by group and by search. */
import { t } from '@lingui/core/macro';
import type { NodeGroup, NodeType } from '@/api/types';

export const GROUPS: { group: NodeGroup; label: string }[] = [
  { group: 'trigger', label: t`Start when` },
  { group: 'wait', label: t`Wait` },
  { group: 'condition', label: t`Decide` },
  { group: 'action', label: t`Do` },
  { group: 'end', label: t`End` },
];

export interface PaletteGroup {
  group: NodeGroup;
  label: string;
  types: NodeType[];
}

export function paletteGroups(
  types: Iterable<NodeType>,
  search: string,
  without: readonly NodeGroup[] = [],
): PaletteGroup[] {
  const wanted = search.trim().toLowerCase();
  const offered = [...types].filter((type) => !without.includes(type.group));
  const byName = offered.filter((type) =>
    `${type.title} ${type.type}`.toLowerCase().includes(wanted),
  );
  // What is called so comes before what is only described so: "send" means the e-mail.
  const all =
    byName.length > 0
      ? byName
      : offered.filter((type) => type.description.toLowerCase().includes(wanted));
  return GROUPS.map(({ group, label }) => ({
    group,
    label,
    types: all.filter((type) => type.group === group),
  })).filter((each) => each.types.length > 0);
}
