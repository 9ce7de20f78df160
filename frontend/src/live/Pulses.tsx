/** Small points that travel along an edge when, and only when, somebody did. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useCanvas } from '@/canvas/context';
import classes from './Pulses.module.css';

const DURATION = 1_100;
/** However many went along at once, no more points than this are drawn. */
const MOST = 5;
/** On all edges together: the more are under way, the fewer set out, so a busy page stays smooth. */
const MOST_AT_ONCE = 36;
let underWay = 0;
const SVG = 'http://www.w3.org/2000/svg';
/** Places along an edge between which a point moves straight. */
const PLACES = 16;

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export function Pulses({ edge, path }: { edge: string; path: string }) {
  const { live } = useCanvas();
  const journeys = useStore(live, (state) => state.journeys[edge] ?? 0);
  const seen = useRef(journeys);
  const edgeElement = useRef<SVGGElement>(null);

  useEffect(() => {
    const count = Math.min(journeys - seen.current, MOST);
    seen.current = journeys;
    if (count <= 0 || document.hidden || still()) return;
    // Above the cards: a point among them would have each card drawn as a picture of its own.
    const portal = edgeElement.current
      ?.closest('.react-flow__viewport')
      ?.querySelector('.react-flow__viewport-portal');
    if (!portal) return;
    for (let index = 0; index < count; index += 1) {
      travel(portal, path, (index * 250) / count);
    }
  }, [journeys, path]);

  return <g ref={edgeElement} aria-hidden />;
}

/**
 * Drawn outside React: a point lives a second and nothing else depends on it.
 *
 * It is moved by `transform` alone, which browsers do beside the page's main thread; along an
 * `offset-path` they would draw the page anew for every frame.
 */
function travel(portal: Element, path: string, delay: number): void {
  if (Math.random() * MOST_AT_ONCE < underWay) return;
  underWay += 1;
  const point = document.createElement('span');
  point.className = classes.point ?? '';
  portal.append(point);
  const run = point.animate(placesAlong(path), {
    duration: DURATION,
    delay,
    easing: 'ease-in-out',
    fill: 'both',
  });
  const over = () => {
    underWay -= 1;
    point.remove();
  };
  run.onfinish = over;
  run.oncancel = over;
}

/** An edge as the frames of a way along it, by its path. */
const ways = new Map<string, Keyframe[]>();

function placesAlong(path: string): Keyframe[] {
  const known = ways.get(path);
  if (known) return known;
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  const length = line.getTotalLength();
  const frames = Array.from({ length: PLACES + 1 }, (_, index) => {
    const { x, y } = line.getPointAtLength((length * index) / PLACES);
    const end = index === 0 || index === PLACES;
    return { transform: `translate(${x}px, ${y}px)`, opacity: end ? 0 : 1 };
  });
  if (ways.size > 2_000) ways.clear();
  ways.set(path, frames);
  return frames;
}
