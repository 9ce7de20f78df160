/** A step on the canvas: its tile, its sentence, and below them its counts or its faults. */
import { plural, t } from '@lingui/core/macro';
import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconNote, IconPlus } from '@tabler/icons-react';
import { Handle, type Node, type NodeProps, Position, useUpdateNodeInternals } from '@xyflow/react';
import { memo, useEffect, useRef } from 'react';
import type { GraphNode, NodeGroup, Problem } from '@/api/types';
import { LiveFooter, NextDue, Pace, useHeat } from '@/live/LiveFooter';
import type { NodeMark } from '@/model/overlay';
import { kindOf } from '@/nodes/registry';
import { TrialFooter } from '@/trial/TrialFooter';
import { sentence } from '@/ui/format';
import { branchLabel, handleOffset } from './branches';
import { useCanvas, useCanvasState } from './context';
import { DiffMark } from './DiffMark';
import { AtNode } from './Editors';
import classes from './NodeCard.module.css';

export type StepNode = Node<
  { node: GraphNode; branches: string[]; open: string[]; mark?: NodeMark },
  'step'
>;

export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<StepNode>) {
  const { mode, names, types, trial } = useCanvas();
  const { node, branches, open, mark } = data;
  useWaysMeasured(id, branches, open);
  const heat = useHeat(id);
  const type = types.get(node.type);
  const group = type?.group ?? 'action';
  const kind = kindOf(node.type);
  const words = kind.words(node.config, names);
  const title = words.title || type?.title || node.type;
  const sub = words.sub ?? type?.title ?? node.type;

  return (
    <article
      className={classes.card}
      data-selected={selected || undefined}
      data-mark={mark}
      data-heat={mode === 'live' ? heat : undefined}
      aria-label={`${title}. ${sub}`}
    >
      {mode === 'live' && <NextDue id={id} />}
      {mode === 'live' && <Pace id={id} />}
      {mode === 'design' && <AtNode id={id} />}
      {mark && mark !== 'walked' && (
        <span className={classes.mark}>
          <DiffMark kind={mark} />
        </span>
      )}
      {group !== 'trigger' && (
        <Handle
          type="target"
          position={Position.Top}
          className={classes.target}
          isConnectable={mode === 'design'}
        />
      )}
      <div className={classes.head}>
        <Tile group={group} type={node.type} />
        <div className={classes.words}>
          <strong>{title}</strong>
          <span>{sub}</span>
          {node.note && mode !== 'live' && <em title={node.note}>{node.note}</em>}
        </div>
        {node.note && mode === 'live' && <Note text={node.note} />}
      </div>
      {mode === 'live' && <LiveFooter id={id} group={group} type={node.type} />}
      {trial && <TrialFooter id={id} />}
      {mode === 'design' && <Faults id={id} />}
      {branches.map((branch, index) => (
        <WayOut
          key={branch}
          node={id}
          branch={branch}
          offset={handleOffset(index, branches.length)}
          labelled={branches.length > 1}
          open={open.includes(branch)}
        />
      ))}
    </article>
  );
});

/** React Flow looks at a card's ways out only when told to: those named anew would have no edge. */
function useWaysMeasured(id: string, branches: string[], open: string[]) {
  const measure = useUpdateNodeInternals();
  const ways = `${branches.join('\n')}\n\n${open.join('\n')}`;
  const measured = useRef(ways);
  useEffect(() => {
    if (measured.current === ways) return;
    measured.current = ways;
    measure(id);
  }, [id, measure, ways]);
}

/** A note while the flow is watched: out of the way, there when pointed at. */
function Note({ text }: { text: string }) {
  return (
    <Tooltip label={text} multiline maw={260} openDelay={100}>
      <span className={classes.note} role="img" aria-label={t`Note: ${text}`}>
        <IconNote size={14} stroke={1.7} />
      </span>
    </Tooltip>
  );
}

export function Tile({
  group,
  type,
  size = 30,
}: {
  group: NodeGroup;
  type: string;
  size?: number;
}) {
  const Icon = kindOf(type).icon;
  return (
    <span
      className={classes.tile}
      data-group={group}
      style={{ width: size, height: size }}
      aria-hidden
    >
      <Icon size={Math.round(size * 0.57)} stroke={1.8} />
    </span>
  );
}

const byNode = new WeakMap<Problem[], Map<string, Problem[]>>();

/** The faults by node, sorted out once for all cards. */
function faultsByNode(problems: Problem[]): Map<string, Problem[]> {
  let found = byNode.get(problems);
  if (!found) {
    found = new Map();
    for (const problem of problems) {
      if (problem.node) found.set(problem.node, [...(found.get(problem.node) ?? []), problem]);
    }
    byNode.set(problems, found);
  }
  return found;
}

function Faults({ id }: { id: string }) {
  const mine = useCanvasState((state) => faultsByNode(state.problems).get(id));
  const first = mine?.[0];
  if (!mine || !first) return null;
  return (
    <div className={classes.fault}>
      <IconAlertTriangle size={13} stroke={2} />
      <span>
        {sentence(first.detail)}
        {mine.length > 1 &&
          t` And ${plural(mine.length - 1, { one: '# more fault', other: '# more faults' })}.`}
      </span>
    </div>
  );
}

interface WayOutProps {
  node: string;
  branch: string;
  offset: number;
  labelled: boolean;
  open: boolean;
}

/** The end of a branch: a point to pull an edge from, and while nothing is there yet, a "+". */
function WayOut({ node, branch, offset, labelled, open }: WayOutProps) {
  const { mode, store, offer } = useCanvas();
  const editable = mode === 'design' && !store.getState().readOnly;
  const left = `calc(50% + ${offset}px)`;
  if (!open || !editable) {
    return (
      <Handle
        type="source"
        id={branch}
        position={Position.Bottom}
        className={editable ? classes.source : classes.hidden}
        style={{ left }}
        isConnectable={editable}
      />
    );
  }
  const label = branchLabel(branch);
  return (
    <>
      <span className={classes.stub} style={{ left }} aria-hidden />
      {labelled && (
        <span className={classes.stubLabel} style={{ left }}>
          {label}
        </span>
      )}
      <Handle
        type="source"
        id={branch}
        position={Position.Bottom}
        className={classes.plus}
        style={{ left, bottom: labelled ? -58 : -36 }}
      >
        <Tooltip label={t`Add a step, or drag to connect`} openDelay={600}>
          <button
            type="button"
            aria-label={labelled ? t`Add a step to “${label}”` : t`Add a step after this`}
            onClick={(event) => {
              event.stopPropagation();
              const box = event.currentTarget.getBoundingClientRect();
              offer({ node, branch }, { x: box.left + box.width / 2, y: box.bottom + 6 });
            }}
          >
            <IconPlus size={14} stroke={2.2} />
          </button>
        </Tooltip>
      </Handle>
    </>
  );
}
