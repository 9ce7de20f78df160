/** The shapes that the segments' pages read, beside a segment itself. */
import type { ContactRef, Json, SegmentKind, Segment as SegmentSent } from '@/api/types';

export interface Owner {
  id: number;
  email: string;
  name: string;
}

/** Cuts the rule's matches to the first `limit` by a number. */
export interface Top {
  by: string | { score_change: string };
  limit: number;
  refresh_every?: string;
}

/** Where a segment is used, and how: "lets contacts in". */
export interface Use {
  kind: 'segment' | 'flow' | 'score';
  key: string;
  name: string;
  how: string;
  status?: string | null;
}

interface Shown {
  owner: Owner | null;
  top: Top | null;
  /** The sizes of the last 31 days, the oldest first; the last one is now. */
  trend: number[];
  used_in: Use[];
  /** What is wrong with the name, a sentence each. */
  naming: string[];
}

export type Segment = SegmentSent & Omit<Shown, 'trend'>;

export interface SegmentListRow extends Shown {
  key: string;
  name: string;
  kind: SegmentKind;
  size: number;
  status: 'building' | 'ready';
  description: string;
  sentence: string;
  created_at: string;
  updated_at: string;
}

export interface GrowthDay {
  day: string;
  size: number;
  joined: number;
  left: number;
}

export interface ForecastDay {
  day: string;
  expected: number;
  low: number;
  high: number;
}

export interface Forecast {
  days: number;
  expected: number;
  low: number;
  high: number;
  confidence: number;
  basis_days: number;
  enough: boolean;
  series: ForecastDay[];
  history: { day: string; joined: number }[];
  sentence: string;
}

export interface OverlapSet {
  key: string;
  name: string;
  size: number;
}

/** How many are in exactly these sets and in none of the others. */
export interface OverlapRegion {
  in: string[];
  count: number;
}

export interface Overlap {
  exact: boolean;
  sets: OverlapSet[];
  regions: OverlapRegion[];
}

/** What a changed rule, kind or ranking would do once it is saved. */
export interface ChangePreview {
  exact: boolean;
  total: number;
  /** How many are in it then. */
  size: number;
  joins: number;
  leaves: number;
  stays: number;
  held_in: number;
  held_out: number;
  sample_joins: ContactRef[];
  sample_leaves: ContactRef[];
  flows: FlowEffect[];
  /** What another kind means from then on, a sentence each. */
  conversion: string[];
  sentence: string;
}

export interface FlowEffect {
  key: string;
  name: string;
  status: string;
  how: string;
  contacts: number;
}

export type NamePartKind = 'text' | 'date' | 'choice' | 'owner';

export interface NamePart {
  key: string;
  label: string;
  kind: NamePartKind;
  choices?: string[];
  required: boolean;
  format?: string;
}

export interface Naming {
  parts: NamePart[];
  separator: string;
  enforce: 'off' | 'warn' | 'refuse';
}

export interface NameCheck {
  ok: boolean;
  problems: string[];
  values: Record<string, Json>;
}

export interface NameBuilt {
  name: string;
  problems: string[];
}
