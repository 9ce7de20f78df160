/**
 * The line from a step to the next. It leaves the middle of the card, carries the branch's name,
 * in design mode a "+" to put a step in between, and live the traffic: its width, and pulses.
 */
import { t } from '@lingui/core/macro';
import { IconPlus } from '@tabler/icons-react';
import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getSmoothStepPath,
  Position,
  useInternalNode,
} from '@xyflow/react';
import { memo } from 'react';
import { Pulses } from '@/live/Pulses';
import { edgeWidth } from '@/model/counts';
import { percent } from '@/ui/format';
import { branchLabel } from './branches';
import { useCanvas, useLive } from './context';
import classes from './FlowEdge.module.css';

/**
 * `labels` are the branches whose names the line carries: its own, or, where several ways lead to
 * the same step, all of them on the first and none on the others; null where there is one way out.
 */
export type StepEdge = Edge<
  { branch: string; labels: string[] | null; mark?: 'added' | 'removed' },
  'step'
>;

const MARKED = {
  added: { stroke: 'var(--accent)', strokeWidth: 2 },
  removed: { stroke: 'var(--bad)', strokeWidth: 1.5, strokeDasharray: '5 4' },
};

export const FlowEdge = memo(function FlowEdge({
  id,
  source,
  target,
  data,
  selected,
}: EdgeProps<StepEdge>) {
  const { mode, store, offer, trial } = useCanvas();
  const from = useInternalNode(source);
  const to = useInternalNode(target);
  const branch = data?.branch ?? 'next';
  if (!from || !to) return null;

  const x = from.internals.positionAbsolute.x + (from.measured.width ?? 240) / 2;
  const y = from.internals.positionAbsolute.y + (from.measured.height ?? 64);
  const targetX = to.internals.positionAbsolute.x + (to.measured.width ?? 240) / 2;
  const targetY = to.internals.positionAbsolute.y;
  const below = targetY - y > 24;
  const turn = below ? Math.min(y + Math.max(28, (targetY - y) / 2.2), targetY - 24) : undefined;
  const [path] = getSmoothStepPath({
    sourceX: x,
    sourceY: y,
    sourcePosition: Position.Bottom,
    targetX,
    targetY,
    targetPosition: Position.Top,
    borderRadius: 9,
    centerY: turn,
  });
  const straight = Math.abs(targetX - x) < 8;
  const labels = data?.labels?.map(branchLabel).join(' or ');
  const labelY = turn === undefined ? targetY - 40 : turn + 16;
  const roomBelow = targetY - labelY > 44;
  const plus = data?.labels
    ? {
        x: targetX + (roomBelow ? 0 : (labels?.length ?? 0) * 3.4 + 24),
        y: roomBelow ? targetY - 22 : labelY,
      }
    : { x: straight ? (x + targetX) / 2 : targetX, y: straight ? (y + targetY) / 2 : targetY - 22 };
  const editable = mode === 'design' && !store.getState().readOnly;
  const tried = trial?.get(source);
  const width = tried ? edgeWidth(tried.out[branch] ?? 0, tried.most) : 1.5;

  return (
    <>
      {mode === 'live' ? (
        <LiveLine
          id={id}
          source={source}
          branch={branch}
          path={path}
          lit={data?.mark === 'added'}
        />
      ) : (
        <BaseEdge
          id={id}
          path={path}
          interactionWidth={editable ? 18 : 0}
          style={{
            stroke: selected ? 'var(--accent)' : 'var(--line-strong)',
            strokeWidth: selected ? 2.25 : width,
            ...(data?.mark && MARKED[data.mark]),
          }}
        />
      )}
      {(labels || editable) && (
        <EdgeLabelRenderer>
          {labels && (
            <span
              className={classes.label}
              data-mark={data?.mark}
              style={{ transform: `translate(-50%, -50%) translate(${targetX}px, ${labelY}px)` }}
            >
              {labels}
              {mode === 'live' && <Share node={source} branches={data?.labels ?? []} />}
            </span>
          )}
          {editable && (
            <button
              type="button"
              className={classes.insert}
              style={{
                transform: `translate(-50%, -50%) translate(${plus.x}px, ${plus.y}px)`,
              }}
              aria-label={t`Insert a step before ${target}`}
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                offer({ node: source, branch }, { x: box.left + box.width / 2, y: box.bottom + 6 });
              }}
            >
              <IconPlus size={12} stroke={2.4} />
            </button>
          )}
        </EdgeLabelRenderer>
      )}
    </>
  );
});

interface LiveLineProps {
  id: string;
  source: string;
  branch: string;
  path: string;
  /** Somebody who is followed went along. */
  lit: boolean;
}

function LiveLine({ id, source, branch, path, lit }: LiveLineProps) {
  const count = useLive((state) => state.counts.nodes[source]?.out?.[branch] ?? 0);
  const busiest = useLive((state) => state.counts.totals.entered);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={0}
        style={{
          stroke: 'var(--line-strong)',
          strokeWidth: edgeWidth(count, Math.max(count, busiest)),
          ...(lit && MARKED.added),
        }}
      />
      <Pulses edge={id} path={path} />
    </>
  );
}

/** What part of those who went on took these branches. */
function Share({ node, branches }: { node: string; branches: string[] }) {
  const share = useLive((state) => {
    const out = state.counts.nodes[node]?.out ?? {};
    const all = Object.values(out).reduce((sum, each) => sum + each, 0);
    return all === 0
      ? null
      : percent(
          branches.reduce((sum, branch) => sum + (out[branch] ?? 0), 0),
          all,
        );
  });
  return share ? <strong>{share}</strong> : null;
}
