/** The small drawing of a flow: its steps as tiles from left to right. It says nothing by itself. */
import { useMemo } from 'react';
import type { FlowTemplate } from '@/api/types';
import { kindOf } from '@/nodes/registry';
import { TILE, thumbnail } from './drawing';
import classes from './Thumbnail.module.css';

const ICON = 15;
const MARGIN = 4;

export function Thumbnail({ graph, steps }: Pick<FlowTemplate, 'graph' | 'steps'>) {
  const { spots, lines, width, height } = useMemo(() => thumbnail(graph), [graph]);
  const types = new Map(graph.nodes.map((node) => [node.id, node.type]));
  const box = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(' ');
  return (
    <svg
      className={classes.drawing}
      viewBox={box}
      style={{ maxWidth: (width + 2 * MARGIN) * 1.15 }}
      aria-hidden="true"
    >
      {lines.map(({ id, path }) => (
        <path key={id} d={path} className={classes.line} />
      ))}
      {spots.map(({ id, x, y }) => {
        const Icon = kindOf(types.get(id) ?? '').icon;
        return (
          <g
            key={id}
            transform={`translate(${x - TILE / 2} ${y - TILE / 2})`}
            className={classes.tile}
            data-group={steps[id]?.group}
          >
            <rect width={TILE} height={TILE} rx={7} className={classes.base} />
            <rect width={TILE} height={TILE} rx={7} className={classes.ground} />
            <g transform={`translate(${(TILE - ICON) / 2} ${(TILE - ICON) / 2})`}>
              <Icon size={ICON} stroke={1.9} />
            </g>
          </g>
        );
      })}
    </svg>
  );
}
