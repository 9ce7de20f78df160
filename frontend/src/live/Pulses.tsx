/** Small points that travel along an edge when, and only when, somebody did. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useCanvas } from '@/canvas/context';

const DURATION = 1_100;
/** However many went along at once, no more points than this are drawn. */
const MOST = 5;
/** On all edges together: the more are under way, the fewer set out, so a busy page stays smooth. */
const MOST_AT_ONCE = 36;
let underWay = 0;
const SVG = 'http://www.w3.org/2000/svg';

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export function Pulses({ edge, path }: { edge: string; path: string }) {
  const { live } = useCanvas();
  const journeys = useStore(live, (state) => state.journeys[edge] ?? 0);
  const seen = useRef(journeys);
  const layer = useRef<SVGGElement>(null);

  useEffect(() => {
    const count = Math.min(journeys - seen.current, MOST);
    seen.current = journeys;
    if (count <= 0 || !layer.current || document.hidden || still()) return;
    for (let index = 0; index < count; index += 1) {
      travel(layer.current, path, (index * 250) / count);
    }
  }, [journeys, path]);

  return <g ref={layer} aria-hidden />;
}

/** Drawn outside React: a point lives a second and nothing else depends on it. */
function travel(layer: SVGGElement, path: string, delay: number): void {
  if (Math.random() * MOST_AT_ONCE < underWay) return;
  underWay += 1;
  const point = document.createElementNS(SVG, 'circle');
  point.setAttribute('r', '3');
  point.setAttribute('fill', 'var(--accent)');
  point.style.offsetPath = `path("${path}")`;
  point.style.offsetRotate = '0deg';
  layer.append(point);
  const run = point.animate(
    [
      { offsetDistance: '0%', opacity: 0 },
      { offsetDistance: '8%', opacity: 1, offset: 0.08 },
      { offsetDistance: '92%', opacity: 1, offset: 0.92 },
      { offsetDistance: '100%', opacity: 0 },
    ],
    { duration: DURATION, delay, easing: 'ease-in-out', fill: 'both' },
  );
  const over = () => {
    underWay -= 1;
    point.remove();
  };
  run.onfinish = over;
  run.oncancel = over;
}
