/** Keeping the step that is spoken of where it can be seen. */
import { type ReactFlowInstance, useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import type { Graph } from '@/api/types';
import { NODE_WIDTH, nodeOf, type Point } from '@/model/graph';
import { pace } from './tidy';

/** Room around a card that is in sight: what floats at the bottom needs more. */
const EDGE = 20;
const BELOW = 140;

/** Moves the view to a place of the canvas, unless it is in sight already. */
export function bringIntoSight(
  flow: Pick<ReactFlowInstance, 'flowToScreenPosition' | 'setCenter' | 'getZoom'>,
  at: Point,
): void {
  const here = flow.flowToScreenPosition(at);
  const pane = document.querySelector('.react-flow')?.getBoundingClientRect();
  const inside =
    pane &&
    here.x > pane.left + EDGE &&
    here.x < pane.right - NODE_WIDTH - EDGE &&
    here.y > pane.top + EDGE &&
    here.y < pane.bottom - BELOW;
  if (inside) return;
  void flow.setCenter(at.x + NODE_WIDTH / 2, at.y + 60, {
    zoom: flow.getZoom(),
    duration: pace(),
  });
}

/** Has the view go with the step that is spoken of. */
export function useFollow(graph: Graph | null | undefined, id: string | null | undefined): void {
  const flow = useReactFlow();
  useEffect(() => {
    const at = graph && id ? nodeOf(graph, id)?.position : undefined;
    if (at) bringIntoSight(flow, at);
  }, [flow, graph, id]);
}
