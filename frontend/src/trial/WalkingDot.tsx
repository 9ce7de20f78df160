/** The person on the canvas: a dot at the card where they stand, which walks along the edges. */
import { useInternalNode, ViewportPortal } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { Standing } from '@/model/playback';
import { initials } from '@/ui/format';
import { HOP, still } from './usePlayer';
import classes from './walking.module.css';

/** Half of the dot: it is placed by its middle. */
const HALF = 15;

interface WalkingDotProps {
  standing: Pick<Standing, 'node' | 'edge' | 'ended'>;
  /** How many hops were walked: the same edge may be walked again. */
  hops: number;
  walks: boolean;
  name: string;
}

export function WalkingDot({ standing, hops, walks, name }: WalkingDotProps) {
  const { node, edge, ended } = standing;
  const card = useInternalNode(node ?? '');
  const dot = useRef<HTMLSpanElement>(null);
  const place = card && {
    x: card.internals.positionAbsolute.x + (card.measured.width ?? 240) / 2 - HALF,
    y: card.internals.positionAbsolute.y - HALF,
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: each hop is walked once, when it comes
  useEffect(() => {
    const path = edge && walks && !still() ? pathOf(edge) : null;
    if (!path || !dot.current || !place) return undefined;
    // The path is drawn where the canvas is; the dot is moved from where it already stands.
    const run = dot.current.animate(
      [
        {
          offsetPath: `path("${path}")`,
          offsetDistance: '0%',
          offsetRotate: '0deg',
          left: 0,
          top: 0,
        },
        {
          offsetPath: `path("${path}")`,
          offsetDistance: '100%',
          offsetRotate: '0deg',
          left: 0,
          top: 0,
        },
      ],
      { duration: HOP, easing: 'ease-in-out' },
    );
    return () => run.cancel();
  }, [edge, hops]);

  if (!place) return null;
  return (
    <ViewportPortal>
      <span
        ref={dot}
        className={classes.dot}
        data-ended={ended ?? undefined}
        style={{ left: place.x, top: place.y }}
        aria-hidden
      >
        {initials(name)}
      </span>
    </ViewportPortal>
  );
}

/** The drawn line of an edge, in the canvas's own coordinates. */
function pathOf(edge: string): string | null {
  const line = document.querySelector(
    `.react-flow__edge[data-id="${CSS.escape(edge)}"] .react-flow__edge-path`,
  );
  return line?.getAttribute('d') ?? null;
}
