/** Moving the view, and arranging all steps anew as one act. */
import type { FitViewOptions, ReactFlowInstance } from '@xyflow/react';
import { carried } from '@/model/notes';
import type { CanvasStore } from './store';

/** Leaves room for what floats: the totals above, the zoom bar below. */
export const FIT = {
  padding: { top: '64px', bottom: '76px', left: '48px', right: '48px' },
  maxZoom: 1,
  minZoom: 0.2,
} satisfies FitViewOptions;

/** What a card grows by while it is watched: the steps are arranged so that they fit then too. */
const LIVE_FOOTER = 36;

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
export const pace = () => (still() ? 0 : 180);

/** Gives every step the place that ELK would give it; one step of undo. */
export async function tidyAll(
  flow: Pick<ReactFlowInstance, 'getNodes' | 'fitView'>,
  store: CanvasStore,
): Promise<void> {
  const { tidy } = await import('./layout');
  const { graph, typeOf, move } = store.getState();
  const heights = new Map(
    flow.getNodes().map((node) => [node.id, (node.measured?.height ?? 58) + LIVE_FOOTER]),
  );
  move(carried(graph, await tidy(graph, heights, typeOf)));
  requestAnimationFrame(() => void flow.fitView({ ...FIT, duration: pace() }));
}
