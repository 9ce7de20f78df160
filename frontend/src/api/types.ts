/**
 * The shapes of the HTTP API as the pages use them.
 *
 * They come from `schema.d.ts`, which `make types` generates from the server's document; a change
 * over there that breaks a page fails to compile here. Only what the document leaves open (JSON of
 * any shape) is narrowed by hand. Instants are ISO 8601 texts in UTC, keys are slugs.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

/** As the server sends it: every field is there, also those it has a default for. */
export type Sent<Name extends keyof Schemas> = {
  -readonly [K in keyof Schemas[Name]]-?: Schemas[Name][K];
};
export type Narrowed<Name extends keyof Schemas, Parts extends object> = Omit<
  Sent<Name>,
  keyof Parts
> &
  Parts;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One page of a cursor-paginated list; `next` is the address of the next page. */
export interface CursorPage<T> {
  next: string | null;
  previous?: string | null;
  results: T[];
}

export type Me = Sent<'Me'>;
export type Role = Me['role'];

export type FlowTotals = Sent<'Totals'>;
export type FlowRow = Sent<'FlowRow'>;
export type FlowStatus = FlowRow['status'];

export interface GraphNode {
  id: string;
  type: string;
  config: JsonObject;
  position?: { x: number; y: number };
  note?: string;
}

export interface GraphEdge {
  source: string;
  target: string;
  branch?: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** A rule of the rule language; its own shape is in `model/rule.ts`. */
export type Rule = JsonObject;

export type ExitWhen =
  | { type: 'segment_entered' | 'segment_left'; segment: string }
  | { type: 'event'; name: string; where?: JsonObject[] };

export interface FlowSettings {
  reentry?: { type: 'once' } | { type: 'after_exit'; gap?: string | null };
  exit_when?: ExitWhen[];
  goal?: Rule | null;
  suppress?: string[];
  quiet_hours?: QuietHours | null;
  email_limit?: EmailLimit | null;
}

/** Clock times such as "22:00"; the zone is a name, or `contact` for each contact's own. */
export interface QuietHours {
  from: string;
  to: string;
  timezone: string;
}

export interface EmailLimit {
  count: number;
  /** A duration. */
  per: string;
}

/** A fault of a draft: at a node, or of the flow as a whole when `node` is null. */
export type Problem = Sent<'Problem'>;

export type Flow = Narrowed<
  'Flow',
  {
    graph: Graph;
    settings: FlowSettings;
    live_graph: Graph | null;
    live_settings: FlowSettings | null;
  }
>;

export type FlowVersionRow = Sent<'VersionRow'>;
export type FlowVersion = Narrowed<'Version', { graph: Graph; settings: FlowSettings }>;

export type NodeCounts = Sent<'NodeCounts'>;
export type FlowCounts = Sent<'Counts'>;

/** What the flow's socket sends: the counts, and where in the order they stand. */
export interface CountsMessage {
  type: 'snapshot' | 'counts';
  seq: number;
  at: string;
  version: number | null;
  nodes: Record<string, NodeCounts>;
  totals: FlowTotals;
  rate: FlowCounts['rate'];
}

export type VisitOutcome = 'inside' | 'completed' | 'converted' | 'exited' | 'failed';
export type VisitRow = Narrowed<'VisitRow', { outcome: VisitOutcome; failed_at?: string | null }>;

/** What a name is made from; lists of contacts say more than this. */
export type ContactRef = Sent<'VisitContact'>;

/** What the server says about a kind of step: palette, form and card follow from it. */
export type NodeType = Narrowed<'NodeType', { config_schema: JsonObject; defaults: JsonObject }>;
export type NodeGroup = NodeType['group'];

export type SegmentRow = Sent<'SegmentRow'>;
export type SegmentKind = SegmentRow['kind'];
export type Segment = Narrowed<'Segment', { rule: Rule }>;

export type Field = Sent<'Field'>;
export type FieldType = Field['type'];
export type EventName = Sent<'EventName'>;
export type EventProperty = Narrowed<'EventProperty', { type: FieldType }>;
export type Topic = Sent<'Topic'>;

export type TemplateRow = Sent<'TemplateRow'>;
export type Template = Sent<'Template'>;
export type TemplatePreview = Sent<'Preview'>;

export type Health = Sent<'Health'>;

export type Workspace = Sent<'Workspace'> & WorkspaceSending;

/** What the workspace keeps and calls. Secrets are never sent, only that they are set. */
export interface WorkspaceSending {
  slack_webhook_set?: boolean;
  /** Periods of its own, by name; null: for ever. */
  keep?: Record<string, string | null>;
  /** All periods, in words. */
  kept?: { key: string; title: string; default: string | null; keep: string | null }[];
}

/** Something that needs a person; `to` is the page of the browser where it is mended. */
export interface Alert {
  kind: string;
  severity: 'error' | 'warning';
  flow: string | null;
  node: string | null;
  count: number;
  since: string | null;
  title: string;
  detail: string;
  to: string;
}

/** People who failed at one step for one reason: an error without what differs between them. */
export interface FailureGroup {
  node: string;
  kind: string;
  /** One of the errors, whole. */
  error: string;
  count: number;
  first_at: string;
  last_at: string;
}

/** An outgoing call of a step: what was asked, what was answered, how often it was tried. */
export interface CallRow {
  id: number;
  contact: ContactRef;
  flow: string;
  node: string;
  kind: 'webhook' | 'slack';
  request: JsonObject;
  status: 'queued' | 'calling' | 'done' | 'failed' | 'cancelled';
  tries: number;
  next_try_at: string | null;
  answer: { code?: number | null; body?: string; error?: string } | null;
  created_at: string;
  finished_at: string | null;
}

/** One value that differs between two editions; null is what is not there. */
export interface FieldChange {
  field: string;
  before: Json;
  after: Json;
  words: string;
}

/** What leads from one edition of a flow to another. */
export interface FlowDiff {
  nodes: {
    added: { id: string; type: string; sentence: string }[];
    removed: { id: string; type: string; sentence: string }[];
    changed: {
      id: string;
      type: string;
      before: string;
      after: string;
      fields: FieldChange[];
      moved: boolean;
    }[];
    /** Drawn elsewhere, and the same otherwise. */
    moved: string[];
  };
  edges: { added: Required<GraphEdge>[]; removed: Required<GraphEdge>[] };
  settings: FieldChange[];
  /** All of it in sentences: what is removed, added, changed, wired anew, set anew. */
  words: string[];
  /** Nothing differs but where steps are drawn. */
  same: boolean;
}

/** Those at one step of one version; `to` is where they would be, null: out of the flow. */
export interface InsideRow {
  version: number;
  node: string;
  title: string;
  count: number;
  failed: number;
  exists: boolean;
  to: string | null;
}

/** What publishing would do. `exact` is false where of very many a sample was looked at. */
export interface PublishPreview {
  version: number;
  problems: Problem[];
  enters_now: number;
  inside: InsideRow[];
  due_now: number;
  exact: boolean;
  spread: { over: string; until: string } | null;
  diff: FlowDiff;
  words: string[];
}

/** An arrival at a step in a simulation, and how it was left. */
export interface SimulatedStep {
  node: string;
  at: string;
  branch: string | null;
  reason: string;
}

export interface SimulatedVisit {
  path: SimulatedStep[];
  outcome: VisitOutcome;
  at: string | null;
  reason: string;
  until: string | null;
}

export interface SimulatedMessage {
  at: string;
  flow: string;
  node: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  status: string;
  reason: string;
}

/** What would happen to one contact; visits by flow, joins and leaves by segment. */
export interface Simulation {
  visits: Record<string, SimulatedVisit[]>;
  messages: SimulatedMessage[];
  segments: Record<string, string[][]>;
  calls: { at: string; flow: string; node: string; kind: string; branch: string }[];
  fields: JsonObject;
  notes: string[];
}

export interface BacktestNode {
  here: number;
  entered: number;
  left: number;
  failed: number;
  out: Record<string, number>;
}

/** What would have come of one edition in a past period. */
export interface BacktestOutcome extends FlowTotals {
  nodes: Record<string, BacktestNode>;
  emails: number;
  emails_by_day: { day: string; n: number }[];
  goal: number;
}

export interface Backtest {
  id: number;
  job: string | null;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  days: number;
  segment: string | null;
  from: string;
  to: string;
  created_at: string;
  percent: number;
  error: string;
  result: { draft: BacktestOutcome; live: BacktestOutcome | null } | null;
  notes: string[];
}
