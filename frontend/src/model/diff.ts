/** What changed between two versions of a flow. Places and notes do not count: nobody walks them. */
import type { FlowSettings, Graph } from '@/api/types';
import { branchOf } from './graph';

export interface GraphDiff {
  added: string[];
  removed: string[];
  changed: string[];
  /** True when edges or settings differ. */
  rewired: boolean;
  settings: boolean;
}

const stable = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const wires = (graph: Graph): string =>
  graph.edges
    .map((edge) => `${edge.source}:${branchOf(edge)}>${edge.target}`)
    .sort()
    .join();

export function diffGraphs(
  before: { graph: Graph; settings: FlowSettings },
  after: { graph: Graph; settings: FlowSettings },
): GraphDiff {
  const was = new Map(before.graph.nodes.map((node) => [node.id, node]));
  const is = new Map(after.graph.nodes.map((node) => [node.id, node]));
  return {
    added: [...is.keys()].filter((id) => !was.has(id)),
    removed: [...was.keys()].filter((id) => !is.has(id)),
    changed: [...is.values()]
      .filter((node) => {
        const old = was.get(node.id);
        return old && (old.type !== node.type || stable(old.config) !== stable(node.config));
      })
      .map((node) => node.id),
    rewired: wires(before.graph) !== wires(after.graph),
    settings: stable(before.settings) !== stable(after.settings),
  };
}

export const isSame = (diff: GraphDiff): boolean =>
  diff.added.length + diff.removed.length + diff.changed.length === 0 &&
  !diff.rewired &&
  !diff.settings;

/** "2 steps added, 1 changed"; null when nothing changed. */
export function diffWords(diff: GraphDiff): string | null {
  const parts = [
    diff.added.length > 0 && `${steps(diff.added.length)} added`,
    diff.removed.length > 0 && `${steps(diff.removed.length)} removed`,
    diff.changed.length > 0 && `${steps(diff.changed.length)} changed`,
    diff.rewired && diff.added.length + diff.removed.length === 0 && 'edges changed',
    diff.settings && 'settings changed',
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(', ') : null;
}

const steps = (count: number): string => `${count} step${count === 1 ? '' : 's'}`;
