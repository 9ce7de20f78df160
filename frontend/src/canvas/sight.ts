/** Keeping the step that is spoken of where it can be seen. */
import { type ReactFlowInstance, useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import type { Graph } from '@/api/types';
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '@/model/graph';
import { everything, placeOf } from '@/model/notes';
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

/** A place near the middle of what is in sight where nothing lies yet. */
export function freeInView(
  flow: Pick<ReactFlowInstance, 'screenToFlowPosition'>,
  graph: Graph,
): Point {
  const pane = document.querySelector('.react-flow')?.getBoundingClientRect();
  const middle = pane
    ? { x: pane.left + pane.width / 2, y: pane.top + pane.height / 3 }
    : { x: 400, y: 300 };
  const from = flow.screenToFlowPosition(middle);
  const at = { x: Math.round(from.x), y: Math.round(from.y) };
  const taken = everything(graph).flatMap((key) => placeOf(graph, key) ?? []);
  const covered = () =>
    taken.some(
      (other) =>
        Math.abs(other.x - at.x) < NODE_WIDTH + 20 && Math.abs(other.y - at.y) < NODE_HEIGHT,
    );
  while (covered()) at.x += 40;
  return at;
}

/** Has the view go with the step that is spoken of. */
export function useFollow(graph: Graph | null | undefined, id: string | null | undefined): void {
  const flow = useReactFlow();
  useEffect(() => {
    const at = graph && id ? placeOf(graph, id) : undefined;
    if (at) bringIntoSight(flow, at);
  }, [flow, graph, id]);
}
