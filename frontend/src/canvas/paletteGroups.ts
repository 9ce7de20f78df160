/** The steps one may add, by group and by search. */
import type { NodeGroup, NodeType } from '@/api/types';

export const GROUPS: { group: NodeGroup; label: string }[] = [
  { group: 'trigger', label: 'Start when' },
  { group: 'wait', label: 'Wait' },
  { group: 'condition', label: 'Decide' },
  { group: 'action', label: 'Do' },
  { group: 'end', label: 'End' },
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
  const all = [...types].filter(
    (type) =>
      !without.includes(type.group) &&
      (wanted === '' ||
        `${type.title} ${type.description} ${type.type}`.toLowerCase().includes(wanted)),
  );
  return GROUPS.map(({ group, label }) => ({
    group,
    label,
    types: all.filter((type) => type.group === group),
  })).filter((each) => each.types.length > 0);
}
