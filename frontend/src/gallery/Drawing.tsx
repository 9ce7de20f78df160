/** The large drawing of a flow template: what every step does, from top to bottom. */
import { t } from '@lingui/core/macro';
import { useLayoutEffect, useMemo, useRef } from 'react';
import type { FlowTemplate } from '@/api/types';
import { branchLabel } from '@/canvas/branches';
import { readingOrder } from '@/model/graph';
import { kindOf } from '@/nodes/registry';
import classes from './Drawing.module.css';
import { CARD, sheet } from './drawing';
import { useTitles } from './useTitles';

export function Drawing({ template }: { template: FlowTemplate }) {
  const { graph, steps } = template;
  const titles = useTitles(template);
  const { spots, lines, labels, width, height } = useMemo(() => sheet(graph), [graph]);
  const order = useMemo(() => readingOrder(graph), [graph]);
  const at = new Map(spots.map((spot) => [spot.id, spot]));
  const types = new Map(graph.nodes.map((node) => [node.id, node.type]));
  const paper = useRef<HTMLDivElement>(null);
  // Where it is wider than its frame, one begins where people come in.
  useLayoutEffect(() => {
    const frame = paper.current?.parentElement;
    const [first] = spots;
    if (frame && first) frame.scrollLeft = first.x + CARD.width / 2 - frame.clientWidth / 2;
  }, [spots]);
  return (
    <div ref={paper} className={classes.sheet} style={{ width, height }}>
      <svg width={width} height={height} className={classes.lines} aria-hidden="true">
        {lines.map(({ id, path }) => (
          <path key={id} d={path} />
        ))}
      </svg>
      <ol className={classes.steps} aria-label={t`Steps`}>
        {order.map((id) => {
          const spot = at.get(id);
          const step = steps[id];
          const Icon = kindOf(types.get(id) ?? '').icon;
          return (
            <li
              key={id}
              className={classes.step}
              style={{ left: spot?.x, top: spot?.y, width: CARD.width, height: CARD.height }}
            >
              <span className={classes.tile} data-group={step?.group} aria-hidden="true">
                <Icon size={16} stroke={1.8} />
              </span>
              <span className={classes.words} title={titles.get(id)}>
                {titles.get(id)}
              </span>
            </li>
          );
        })}
      </ol>
      {labels.map(({ id, branch, x, y }) => (
        <span key={id} className={classes.label} style={{ left: x, top: y }}>
          {branchLabel(branch)}
        </span>
      ))}
    </div>
  );
}
