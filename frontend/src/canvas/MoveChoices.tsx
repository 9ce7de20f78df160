/** Where those go who are at a step that the edition no longer has. */
import { plural, t } from '@lingui/core/macro';
import { Select } from '@mantine/core';
import type { Graph } from '@/api/types';
import type { Moves, Place } from '@/model/publishing';
import { useCanvas } from './context';
import classes from './PublishDialog.module.css';
import { useTitleOf } from './useTitles';

const LEAVE = '';

interface MoveChoicesProps {
  /** The edition that is published. */
  graph: Graph;
  removed: readonly Place[];
  moves: Moves;
  onChange: (moves: Moves) => void;
}

export function MoveChoices({ graph, removed, moves, onChange }: MoveChoicesProps) {
  const { types } = useCanvas();
  const titleOf = useTitleOf();
  const places = graph.nodes
    .filter((node) => types.get(node.type)?.group !== 'trigger')
    .map((node) => ({ value: node.id, title: titleOf(node) }));
  return (
    <div className={classes.moves}>
      {removed.map(({ node, title, count }) => {
        const one = count === 1;
        return (
          <Select
            key={node}
            label={t`“${title}” is removed. ${plural(count, { one: '# person', other: '# people' })} there`}
            data={[
              { value: LEAVE, label: one ? t`leaves the flow` : t`leave the flow` },
              ...places.map((place) => ({
                value: place.value,
                label: t`${one ? 'goes' : 'go'} on at “${place.title}”`,
              })),
            ]}
            value={moves[node] ?? LEAVE}
            allowDeselect={false}
            searchable
            comboboxProps={{ shadow: 'md' }}
            onChange={(to) => onChange({ ...moves, [node]: to || null })}
          />
        );
      })}
    </div>
  );
}
