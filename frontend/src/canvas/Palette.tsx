/** The steps, by group and with search: drag one onto the canvas, or click to add it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { TextInput } from '@mantine/core';
import { IconNote, IconSearch } from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { type DragEvent, useState } from 'react';
import type { NodeType } from '@/api/types';
import { besideAll, openEnds } from '@/model/graph';
import { useCanvas } from './context';
import { Tile } from './NodeCard';
import classes from './Palette.module.css';
import { paletteGroups } from './paletteGroups';
import { freeInView } from './sight';

/** What a drag from the palette carries. */
export const DRAGGED_TYPE = 'application/x-millrace-step';
/** In place of a type of step: a note. No type is called so. */
export const NOTE = 'note/';

export function Palette() {
  const { types, store } = useCanvas();
  const flow = useReactFlow();
  const [search, setSearch] = useState('');
  const groups = paletteGroups(types.values(), search);

  /** Adds below the chosen step if that has an open end, else below everything. */
  const add = (type: NodeType) => {
    const state = store.getState();
    const { graph, selected, typeOf } = state;
    const ends = openEnds(graph, typeOf);
    const end =
      ends.find((each) => selected.has(each.node)) ?? (ends.length === 1 ? ends[0] : undefined);
    if (type.group !== 'trigger' && end) {
      state.reveal(state.insertAt(type.type, end));
      return;
    }
    const places = graph.nodes.map((node) => node.position ?? { x: 0, y: 0 });
    const place =
      type.group === 'trigger'
        ? besideAll(graph)
        : {
            x: places[0]?.x ?? 0,
            y: places.length ? Math.max(...places.map((at) => at.y)) + 160 : 0,
          };
    state.reveal(state.addAt(type.type, place));
  };

  const drag = (event: DragEvent, type: string) => {
    event.dataTransfer.setData(DRAGGED_TYPE, type);
    event.dataTransfer.effectAllowed = 'copy';
  };

  return (
    <section className={classes.palette} aria-label={t`Steps`}>
      <TextInput
        aria-label={t`Search steps`}
        placeholder={t`Search steps`}
        leftSection={<IconSearch size={14} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <div className={classes.scroll}>
        {groups.map(({ group, label, types: members }) => (
          <div key={group} className={classes.group}>
            <h2>{label}</h2>
            {members.map((type) => (
              <button
                key={type.type}
                type="button"
                draggable
                className={classes.item}
                title={type.description}
                onDragStart={(event) => drag(event, type.type)}
                onClick={() => add(type)}
              >
                <Tile group={type.group} type={type.type} size={24} />
                {type.title}
              </button>
            ))}
          </div>
        ))}
        {groups.length === 0 && (
          <p className={classes.none}>
            <Trans>No step of that name.</Trans>
          </p>
        )}
      </div>
      <button
        type="button"
        draggable
        className={classes.lay}
        title={t`Words that lie on the canvas, for whoever draws or watches this flow (N)`}
        onDragStart={(event) => drag(event, NOTE)}
        onClick={() => store.getState().addNote(freeInView(flow, store.getState().graph))}
      >
        <IconNote size={16} stroke={1.7} aria-hidden />
        <Trans>Note</Trans>
      </button>
    </section>
  );
}
