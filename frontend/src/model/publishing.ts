/** What publishing would do, sorted out for the dialog that tells it. Pure. */
import type { InsideRow } from '@/api/types';

/** By removed node: the node its people go on from, or null where they leave. */
export type Moves = Readonly<Record<string, string | null>>;

export interface Place {
  node: string;
  title: string;
  count: number;
  to: string | null;
}

/** Where people are in steps that are gone, whatever the version they walk; most people first. */
export function removedPlaces(inside: readonly InsideRow[]): Place[] {
  const places = new Map<string, Place>();
  for (const row of inside) {
    if (row.exists || row.count === 0) continue;
    const known = places.get(row.node);
    places.set(row.node, {
      node: row.node,
      title: known?.title ?? row.title,
      count: (known?.count ?? 0) + row.count,
      to: row.to,
    });
  }
  return [...places.values()].sort((a, b) => b.count - a.count);
}

export const insideCount = (inside: readonly InsideRow[]): number =>
  inside.reduce((sum, row) => sum + row.count, 0);

/** Those at steps that are still there, and at how many. */
export function keptPlaces(inside: readonly InsideRow[]): { people: number; steps: number } {
  const kept = inside.filter((row) => row.exists && row.count > 0);
  return {
    people: insideCount(kept),
    steps: new Set(kept.map((row) => row.node)).size,
  };
}

/** The versions that people are on, the newest first. */
export const versionsInside = (inside: readonly InsideRow[]): number[] =>
  [...new Set(inside.filter((row) => row.count > 0).map((row) => row.version))].sort(
    (a, b) => b - a,
  );
