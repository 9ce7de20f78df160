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

/** A note lying on the canvas. */
export interface Note {
  id: string;
  text: string;
  position?: { x: number; y: number };
  width?: number;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  notes?: Note[];
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
  status?: FlowCounts['status'];
  held?: number;
}

/** A flow's figures over time: each list has a number per slot. */
export type FlowSeries = Sent<'Series'>;

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

export type Workspace = Sent<'Workspace'>;

/** Something that needs a person; `to` is the page of the browser where it is mended. */
export type Alert = Sent<'Alert'>;

/** People who failed at one step for one reason: an error without what differs between them. */
export type FailureGroup = Sent<'FailureGroup'>;

/** How many people something is done for; very many are left to a job. */
export type Acted = Sent<'Acted'>;

/** An outgoing call of a step: what was asked, what was answered, how often it was tried. */
export type CallRow = Narrowed<'Call', { request: JsonObject; contact: ContactRef }>;

/** What leads from one edition of a flow to another. */
export type FlowDiff = Sent<'Difference'>;

/** Those at one step of one version; `to` is where they would be, null: out of the flow. */
export type InsideRow = Sent<'InsideRow'>;

/** What publishing would do. `exact` is false where of very many a sample was looked at. */
export type PublishPreview = Sent<'PublishPreview'>;

/** What would happen to one contact; visits by flow, joins and leaves by segment. */
export type Simulation = Sent<'Simulation'>;
export type SimulatedStep = Sent<'SimulatedStep'>;
export type SimulatedVisit = Sent<'SimulatedVisit'>;
export type SimulatedMessage = Sent<'SimulatedMessage'>;

/** The draft on a past period; its outcome beside the live version's. */
export type Backtest = Sent<'Backtest'>;
export type BacktestOutcome = Sent<'BacktestOutcome'>;
export type BacktestNode = Sent<'BacktestNode'>;

/** A whole flow ready to be used; in its words `$(key)` stands where an answer belongs. */
export type FlowTemplate = Narrowed<'FlowTemplate', { graph: Graph }>;
export type FlowTemplateAsk = Sent<'Ask'>;
export type FlowTemplateUsed = Sent<'Used'>;

/** What came of a flow for those who entered in a period. */
export type FlowResults = Sent<'Results'>;
export type FlowGoal = Sent<'Goal'>;
export type SplitResult = Sent<'SplitResult'>;

/** One visit: its path with reasons, where it is, and where it will be next. */
export type VisitShown = Sent<'VisitShown'>;
