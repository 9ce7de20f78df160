/**
 * The shapes of the HTTP API as the pages use them.
 *
 * Names and fields are the server's own. Instants are ISO 8601 texts in UTC, durations ISO 8601
 * durations, keys are slugs.
 */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One page of a cursor-paginated list; `next` is the address of the next page. */
export interface CursorPage<T> {
  next: string | null;
  previous?: string | null;
  results: T[];
}

export type Role = 'viewer' | 'editor' | 'admin';

export interface Me {
  email: string;
  name: string;
  role: Role;
  workspace: { name: string; timezone: string };
}

export type FlowStatus = 'draft' | 'live' | 'paused' | 'archived';

export interface FlowTotals {
  entered: number;
  inside: number;
  completed: number;
  converted: number;
  exited: number;
  failed: number;
}

export interface FlowRow {
  key: string;
  name: string;
  status: FlowStatus;
  version: number | null;
  revision: number;
  updated_at: string;
  problems: number;
  totals: FlowTotals;
  /** Why the engine paused the flow by itself, if it did. */
  alert?: string;
}

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

/** A rule of the rule language; its own shape is the rule builder's business. */
export type Rule = JsonObject;

export type ExitWhen =
  | { type: 'segment_entered' | 'segment_left'; segment: string }
  | { type: 'event'; name: string; where?: JsonObject[] };

export interface FlowSettings {
  reentry?: { type: 'once' } | { type: 'after_exit'; gap?: string | null };
  exit_when?: ExitWhen[];
  goal?: Rule | null;
  suppress?: string[];
}

/** A fault of a draft: at a node, or of the flow as a whole when `node` is null. */
export interface Problem {
  node: string | null;
  code: string;
  detail: string;
  field?: string | null;
}

export interface Flow {
  key: string;
  name: string;
  status: FlowStatus;
  version: number | null;
  revision: number;
  graph: Graph;
  settings: FlowSettings;
  problems: Problem[];
  live_graph: Graph | null;
  live_settings: FlowSettings | null;
  alert?: string;
  updated_at: string;
}

export interface FlowVersionRow {
  number: number;
  published_at: string;
  published_by: string | null;
  current: boolean;
}

export interface FlowVersion extends FlowVersionRow {
  graph: Graph;
  settings: FlowSettings;
}

export interface NodeCounts {
  here: number;
  entered: number;
  left: number;
  failed: number;
  next_due?: string | null;
  out?: Record<string, number>;
}

export interface FlowCounts {
  version: number | null;
  seq: number;
  at: string;
  nodes: Record<string, NodeCounts>;
  totals: FlowTotals;
  rate?: { entered: number };
}

export interface CountsMessage extends Omit<FlowCounts, 'version'> {
  type: 'snapshot' | 'counts';
  version?: number | null;
}

export type VisitOutcome = 'inside' | 'completed' | 'converted' | 'exited' | 'failed';

export interface ContactRef {
  id: number;
  external_id: string | null;
  email: string | null;
  name?: string | null;
}

export interface VisitRow {
  id: number;
  contact: ContactRef;
  entered_at: string;
  arrived_at: string | null;
  until: string | null;
  left_at?: string | null;
  outcome: VisitOutcome | null;
  node: string | null;
  reason: string | null;
  error: string | null;
}

export type NodeGroup = 'trigger' | 'wait' | 'condition' | 'action' | 'end';

/** What the server says about a kind of step: palette, form and card follow from it. */
export interface NodeType {
  type: string;
  group: NodeGroup;
  icon: string;
  title: string;
  description: string;
  sentence: string;
  branches: string[];
  config_schema: JsonObject;
  defaults: JsonObject;
  single_way: boolean;
}

export type SegmentKind = 'static' | 'growing' | 'dynamic';

export interface SegmentRow {
  key: string;
  name: string;
  kind: SegmentKind;
  size: number;
  status: 'building' | 'ready';
  description: string;
  sentence: string;
  updated_at: string;
}

export interface Segment extends SegmentRow {
  rule: Rule;
  depends_on?: string[];
}

export type FieldType = 'string' | 'number' | 'boolean' | 'datetime' | 'list';

export interface Field {
  key: string;
  name: string;
  type: FieldType;
  builtin: boolean;
  warnings: number;
  last_warning: string | null;
}

export interface EventName {
  name: string;
  count: number;
  last_at: string | null;
}

export interface EventProperty {
  property: string;
  type: FieldType;
}

export interface Topic {
  key: string;
  name: string;
  opt_in: boolean;
}

export interface TemplateRow {
  key: string;
  name: string;
  subject: string;
  updated_at: string;
}

export interface Template extends TemplateRow {
  preheader: string;
  html: string;
  text: string;
  created_at: string;
}

export interface TemplatePreview {
  subject: string;
  html: string;
  text: string;
  problems: string[];
}

export interface Health {
  status: 'ok' | 'degraded' | 'down';
  database: string;
  engine: { workers: number; inbox: number; touched: number; due: number; lag_seconds: number };
  jobs: { waiting: number; failed: number };
}
