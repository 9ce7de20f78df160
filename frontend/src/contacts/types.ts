/** A contact as the API gives it: in a list, and on its own page. */
import type { ContactRef, JsonObject } from '@/api/types';

export interface ContactRow extends ContactRef {
  fields: JsonObject;
  created_at: string;
  last_seen_at: string | null;
  score: number;
}

export interface Consent {
  topic: string;
  state: 'subscribed' | 'unsubscribed';
  at: string;
}

export interface Contact extends ContactRow {
  consents: Consent[];
  reachable: { email: boolean; reason: string | null };
  identities: { kind: string; value: string }[];
}

export interface TimelineEntry {
  id: number;
  type: string;
  name: string;
  at: string;
  properties: JsonObject;
  touch: boolean;
}

export interface Membership {
  key: string;
  name: string;
  kind: 'static' | 'growing' | 'dynamic';
  since: string;
  by_hand: boolean;
}

export interface VisitPath {
  flow: string;
  version: number;
  outcome: string;
  entered_at: string;
  left_at: string | null;
  reason: string | null;
  path: { node: string; at: string; branch: string | null }[];
  rests_at: string | null;
  until: string | null;
}
