/** What the list of segments is narrowed to and ordered by, as its address says it. Pure. */
import type { Query } from '@/api/client';
import type { SegmentKind } from '@/api/types';

export const ORDERED_BY = ['name', 'size', 'updated_at'] as const;
export type OrderedBy = (typeof ORDERED_BY)[number];
export type Ordering = OrderedBy | `-${OrderedBy}`;

export interface SegmentFilters {
  search?: string;
  kind?: SegmentKind;
  /** The number of somebody who signs in, `me`, or `none`. */
  owner?: string;
  used?: boolean;
  ordering?: Ordering;
}

const KINDS: readonly string[] = ['static', 'growing', 'dynamic'] satisfies SegmentKind[];
const ORDERINGS: readonly string[] = ORDERED_BY.flatMap((by) => [by, `-${by}`]);

/** The filters in an address; what is none of ours is left out. */
export function asFilters(search: Record<string, unknown>): SegmentFilters {
  const { search: words, kind, owner, used, ordering } = search;
  const whose = typeof owner === 'number' ? String(owner) : owner;
  return {
    ...((typeof words === 'string' || typeof words === 'number') &&
      words !== '' && { search: String(words) }),
    ...(typeof kind === 'string' && KINDS.includes(kind) && { kind: kind as SegmentKind }),
    ...(typeof whose === 'string' && /^(me|none|\d+)$/.test(whose) && { owner: whose }),
    ...(typeof used === 'boolean' && { used }),
    ...(typeof ordering === 'string' &&
      ORDERINGS.includes(ordering) && { ordering: ordering as Ordering }),
  };
}

/** Whether anything is left out of the list; an ordering leaves nothing out. */
export const isNarrowed = ({ search, kind, owner, used }: SegmentFilters): boolean =>
  Boolean(search || kind || owner) || used !== undefined;

export const DEFAULT_ORDERING: Ordering = 'name';

export const asQuery = (filters: SegmentFilters): Query => ({
  ...filters,
  ordering: filters.ordering ?? DEFAULT_ORDERING,
});

const parts = (ordering: Ordering): { by: string; down: boolean } =>
  ordering.startsWith('-') ? { by: ordering.slice(1), down: true } : { by: ordering, down: false };

export function sortOf(
  ordering: Ordering = DEFAULT_ORDERING,
  by: OrderedBy,
): 'ascending' | 'descending' | 'none' {
  const now = parts(ordering);
  if (now.by !== by) return 'none';
  return now.down ? 'descending' : 'ascending';
}

/** The next ordering when a column is asked for: names from A, all else from the most. */
export function nextOrdering(ordering: Ordering = DEFAULT_ORDERING, by: OrderedBy): Ordering {
  const now = parts(ordering);
  if (now.by === by) return now.down ? by : `-${by}`;
  return by === 'name' ? by : `-${by}`;
}
