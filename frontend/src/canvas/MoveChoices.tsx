/** Where those go who are at a step that the new version no longer has. */
import { Select } from '@mantine/core';
import type { Flow } from '@/api/types';
import { nodeOf } from '@/model/graph';
import { kindOf } from '@/nodes/registry';
import { plural } from '@/ui/format';
import { useCanvas, useCanvasState, useLive } from './context';
import classes from './PublishDialog.module.css';

/** By removed node: the node its people go on from. A node that is absent lets them go. */
export type Moves = Readonly<Record<string, string>>;

const LEAVE = '';

/** The removed nodes where somebody is, with how many. */
export function useRemoved(): { id: string; here: number }[] {
  const graph = useCanvasState((state) => state.graph);
  const nodes = useLive((state) => state.counts.nodes);
  return Object.entries(nodes)
    .filter(([id, { here }]) => here > 0 && !nodeOf(graph, id))
    .map(([id, { here }]) => ({ id, here }));
}

interface MoveChoicesProps {
  flow: Flow;
  moves: Moves;
  onChange: (moves: Moves) => void;
}

export function MoveChoices({ flow, moves, onChange }: MoveChoicesProps) {
  const { names, types } = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const removed = useRemoved();
  const titleIn = (drawn: Flow['live_graph'], id: string): string => {
    const node = drawn && nodeOf(drawn, id);
    if (!node) return id;
    return (
      kindOf(node.type).words(node.config, names).title || types.get(node.type)?.title || node.type
    );
  };
  const places = graph.nodes
    .filter((node) => types.get(node.type)?.group !== 'trigger')
    .map((node) => ({ value: node.id, label: `go on at “${titleIn(graph, node.id)}”` }));

  return (
    <div className={classes.moves}>
      {removed.map(({ id, here }) => (
        <Select
          key={id}
          label={`“${titleIn(flow.live_graph, id)}” is removed. ${plural(here, 'person', 'people')} there`}
          data={[
            {
              value: LEAVE,
              label: here === 1 ? 'leaves the flow' : 'leave the flow',
            },
            ...places.map((place) =>
              here === 1 ? { ...place, label: place.label.replace(/^go/, 'goes') } : place,
            ),
          ]}
          value={moves[id] ?? LEAVE}
          allowDeselect={false}
          searchable
          comboboxProps={{ shadow: 'md' }}
          onChange={(target) => {
            const { [id]: _, ...others } = moves;
            onChange(target ? { ...others, [id]: target } : others);
          }}
        />
      ))}
    </div>
  );
}
