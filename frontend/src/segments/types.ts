/** The shapes that the segments' pages read, from the API's document. */
import type { Narrowed, SegmentRow, Segment as SegmentSent, Sent } from '@/api/types';

export type Owner = Sent<'SegmentOwner'>;
/** Where a segment is used, and how: "lets contacts in". */
export type Use = Sent<'Use'>;

/** Cuts the rule's matches to the first `limit` by a number. */
export interface Top {
  by: string | { score_change: string };
  limit: number;
  refresh_every?: string;
}

export type Segment = Omit<SegmentSent, 'top'> & { top: Top | null };
export type SegmentListRow = Omit<SegmentRow, 'top'> & { top: Top | null };

export type GrowthDay = Sent<'GrowthDay'>;
export type Forecast = Sent<'Forecast'>;

export type Overlap = Sent<'Overlap'>;
export type OverlapSet = Overlap['sets'][number];
/** How many are in exactly these sets and in none of the others. */
export type OverlapRegion = Overlap['regions'][number];

/** What a changed rule, kind or ranking would do once saved; `size` is how many are in it then. */
export type ChangePreview = Sent<'EditPreview'>;
export type FlowEffect = ChangePreview['flows'][number];

export type NamePart = Sent<'Part'>;
export type NamePartKind = NamePart['kind'];
export type Naming = Narrowed<'Convention', { parts: NamePart[] }>;
export type NameCheck = Sent<'Checked'>;
export type NameBuilt = Sent<'Built'>;
