/**
 * Live counts: how a message of the socket changes what is known.
 *
 * Every message carries absolute numbers and a sequence number, so the law is simple: an old
 * snapshot with the later messages is the fresh snapshot, and a message seen twice changes
 * nothing.
 */
import type { CountsMessage, FlowCounts, FlowTotals, NodeCounts } from '@/api/types';

export interface LiveCounts {
  seq: number;
  at: string | null;
  version: number | null;
  status: FlowCounts['status'] | null;
  /** How many fell due while the flow is paused, and go on when it is resumed. */
  held: number;
  nodes: Record<string, NodeCounts>;
  totals: FlowTotals;
  rate: number | null;
}

export const NO_TOTALS: FlowTotals = {
  entered: 0,
  inside: 0,
  completed: 0,
  converted: 0,
  exited: 0,
  failed: 0,
};

export const NO_COUNTS: LiveCounts = {
  seq: -1,
  at: null,
  version: null,
  status: null,
  held: 0,
  nodes: {},
  totals: NO_TOTALS,
  rate: null,
};

/** The counts after a message. Nodes whose numbers did not change stay the same objects. */
export function applyCounts(counts: LiveCounts, message: CountsMessage): LiveCounts {
  const fresh = message.type === 'snapshot';
  if (!fresh && message.seq <= counts.seq) return counts;
  const nodes: Record<string, NodeCounts> = fresh ? {} : { ...counts.nodes };
  for (const [id, next] of Object.entries(message.nodes)) {
    const before = counts.nodes[id];
    nodes[id] = before && sameCounts(before, next) ? before : next;
  }
  return {
    seq: message.seq,
    at: message.at,
    version: message.version ?? counts.version,
    status: message.status ?? counts.status,
    held: message.held ?? 0,
    nodes,
    totals: message.totals ?? counts.totals,
    rate: message.rate?.entered ?? counts.rate,
  };
}

/** Whether messages are missing between what is known and this one. */
export function isGap(counts: LiveCounts, message: CountsMessage): boolean {
  return message.type === 'counts' && counts.seq >= 0 && message.seq > counts.seq + 1;
}

/**
 * What is known after asking for all numbers beside the socket; null where the socket has told of
 * a later instant meanwhile, so that it must be asked again. The server's clock made both instants.
 */
export function takeSnapshot(counts: LiveCounts, snapshot: FlowCounts): LiveCounts | null {
  if (counts.at !== null && Date.parse(snapshot.at) < Date.parse(counts.at)) return null;
  return applyCounts(counts, { ...snapshot, type: 'snapshot', seq: counts.seq });
}

function sameCounts(a: NodeCounts, b: NodeCounts): boolean {
  return (
    a.here === b.here &&
    a.entered === b.entered &&
    a.left === b.left &&
    a.failed === b.failed &&
    (a.next_due ?? null) === (b.next_due ?? null) &&
    sameNumbers(a.out ?? {}, b.out ?? {})
  );
}

function sameNumbers(a: Record<string, number>, b: Record<string, number>): boolean {
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}

/** How many went along each edge between two states; by edge id, `node:branch`. */
export function travelled(before: LiveCounts, after: LiveCounts): Map<string, number> {
  const journeys = new Map<string, number>();
  if (before.seq < 0) return journeys;
  for (const [id, next] of Object.entries(after.nodes)) {
    const was = before.nodes[id];
    if (was === next || !was) continue;
    for (const [branch, total] of Object.entries(next.out ?? {})) {
      const more = total - (was.out?.[branch] ?? 0);
      if (more > 0) journeys.set(`${id}:${branch}`, more);
    }
  }
  return journeys;
}

/** How many went on from a node: by its branches where they are counted. */
export function wentOn(counts: NodeCounts): number {
  const out = Object.values(counts.out ?? {});
  return out.length > 0 ? out.reduce((sum, each) => sum + each, 0) : counts.left;
}

/** Width of an edge's line by how many ever went along it, against the busiest edge. */
export function edgeWidth(count: number, busiest: number): number {
  if (count <= 0 || busiest <= 0) return 1.25;
  return 1.5 + 2.5 * (Math.log1p(count) / Math.log1p(busiest));
}
