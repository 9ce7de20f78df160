/** How warm each step is: by the people who come by, or who wait there. Pure. */
import type { NodeCounts } from '@/api/types';
import { arrivedAt, type Period } from './course';

export type HeatBy = 'traffic' | 'waiting';
export const HEAT_BY: readonly HeatBy[] = ['traffic', 'waiting'];

/** Levels from 1; 0 is nobody. */
export const HOTTEST = 5;

export interface Heat {
  by: HeatBy;
  levels: Record<string, number>;
  /** The most people of any step. */
  most: number;
}

/** By the root of the number: between none and very many, a few are still seen. */
export const heatLevel = (value: number, most: number): number =>
  value <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil(HOTTEST * Math.sqrt(value / most)));

/** The least number of people at which a level begins. */
export const levelFrom = (level: number, most: number): number =>
  Math.max(1, Math.floor(most * ((level - 1) / HOTTEST) ** 2) + (level > 1 ? 1 : 0));

export function heatOf(by: HeatBy, nodes: Record<string, NodeCounts>, period: Period | null): Heat {
  const values = Object.entries(nodes).map(
    ([id, { here }]) => [id, by === 'waiting' ? here : arrivedAt(id, nodes, period)] as const,
  );
  const most = Math.max(0, ...values.map(([, value]) => value));
  return {
    by,
    most,
    levels: Object.fromEntries(values.map(([id, value]) => [id, heatLevel(value, most)])),
  };
}
