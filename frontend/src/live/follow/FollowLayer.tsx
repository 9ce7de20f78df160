/**
 * What lies over the canvas while somebody is followed: where they are, how often they came by a
 * step, and dashed, with its instant, where they will be next.
 */
import { t } from '@lingui/core/macro';
import { useInternalNode, useNodesInitialized, ViewportPortal } from '@xyflow/react';
import { useEffect, useState } from 'react';
import type { Graph, VisitShown } from '@/api/types';
import { useFollow } from '@/canvas/sight';
import { type Ahead, edgesWalked, type Lit } from '@/model/follow';
import { WalkingDot } from '@/trial/WalkingDot';
import { dueInstant } from '@/ui/format';
import { useNow } from '@/ui/useNow';
import classes from './Follow.module.css';

interface FollowLayerProps {
  graph: Graph;
  visit: VisitShown;
  name: string;
  lit: Lit;
  upTo: number;
  walks: boolean;
  /** The step that is spoken of in the panel. */
  pointed: string | null;
  /** The step that is chosen: the view goes there instead of where the contact is. */
  chosen: string | undefined;
}

export function FollowLayer({
  graph,
  visit,
  name,
  lit,
  upTo,
  walks,
  pointed,
  chosen,
}: FollowLayerProps) {
  const ready = useNodesInitialized();
  const step = visit.path[upTo];
  const isLast = upTo === visit.path.length - 1;
  const ended = isLast && visit.outcome !== 'inside' ? visit.outcome : null;
  useFollow(graph, ready ? (chosen ?? step?.node) : null);
  if (!step) return null;
  const edge = walks ? (edgesWalked(graph, visit.path)[upTo - 1] ?? null) : null;
  return (
    <>
      {isLast && visit.here && <Frame node={step.node} kind="here" />}
      {pointed && <Frame node={pointed} kind="pointed" />}
      {[...lit.times].map(([node, times]) => (
        <Chip key={node} node={node} kind="times" title={t`Came by ${times} times`}>
          {t`${times} times`}
        </Chip>
      ))}
      {lit.ahead.map((each) => (
        <Next key={each.node} ahead={each} />
      ))}
      <WalkingDot
        standing={{ node: step.node, edge, ended: ended as 'exited' | null }}
        hops={upTo}
        walks={walks}
        name={name}
      />
    </>
  );
}

function usePlace(node: string) {
  const card = useInternalNode(node);
  return (
    card && {
      left: card.internals.positionAbsolute.x,
      top: card.internals.positionAbsolute.y,
      width: card.measured.width ?? 240,
      height: card.measured.height ?? 64,
    }
  );
}

function Frame({ node, kind }: { node: string; kind: 'here' | 'next' | 'pointed' }) {
  const place = usePlace(node);
  if (!place) return null;
  return (
    <ViewportPortal>
      <span className={classes.frame} data-kind={kind} style={place} aria-hidden />
    </ViewportPortal>
  );
}

interface ChipProps {
  node: string;
  kind: 'times' | 'next';
  title?: string;
  children: string;
}

function Chip({ node, kind, title, children }: ChipProps) {
  const place = usePlace(node);
  if (!place) return null;
  return (
    <ViewportPortal>
      <span
        className={classes.chip}
        data-kind={kind}
        title={title}
        style={{ left: place.left + 11, top: place.top + place.height }}
      >
        {children}
      </span>
    </ViewportPortal>
  );
}

function Next({ ahead }: { ahead: Ahead }) {
  const now = useNow();
  const words =
    ahead.at === null
      ? t`may be next`
      : Date.parse(ahead.at) > now
        ? t`next at ${dueInstant(ahead.at, now)}`
        : t`next, any moment`;
  return (
    <>
      {ahead.edge && <Way edge={ahead.edge} />}
      <Frame node={ahead.node} kind="next" />
      <Chip node={ahead.node} kind="next">
        {words}
      </Chip>
    </>
  );
}

/** The way to the next step, drawn over its edge. */
function Way({ edge }: { edge: string }) {
  const ready = useNodesInitialized();
  const [path, setPath] = useState<string | null>(null);
  useEffect(() => {
    if (!ready) return undefined;
    // The edge takes its place once its cards have theirs.
    const frame = requestAnimationFrame(() => {
      const line = document.querySelector(
        `.react-flow__edge[data-id="${CSS.escape(edge)}"] .react-flow__edge-path`,
      );
      setPath(line?.getAttribute('d') ?? null);
    });
    return () => cancelAnimationFrame(frame);
  }, [edge, ready]);
  if (!path) return null;
  return (
    <ViewportPortal>
      <svg className={classes.way} aria-hidden="true">
        <path d={path} />
      </svg>
    </ViewportPortal>
  );
}
