/** A contact as the API gives it: in a list, and on its own page. */
import type { JsonObject, Narrowed, SegmentKind, Sent } from '@/api/types';

export type ContactRow = Narrowed<'Contact', { fields: JsonObject }>;
export type Contact = Narrowed<'ContactDetail', { fields: JsonObject }>;
export type TimelineEntry = Narrowed<'TimelineEntry', { properties: JsonObject }>;
export type Membership = Narrowed<'ContactSegment', { kind: SegmentKind }>;
export type VisitPath = Sent<'ContactVisit'>;
