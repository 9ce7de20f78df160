/** What an empty canvas says: a flow begins with who comes in. */
import { Trans } from '@lingui/react/macro';
import type { DragEvent } from 'react';
import { useCanvas } from './context';
import classes from './DesignTab.module.css';
import { Tile } from './NodeCard';
import { DRAGGED_TYPE } from './Palette';

export function StartHere() {
  const { types, store } = useCanvas();
  const triggers = [...types.values()].filter((type) => type.group === 'trigger');
  const start = (type: string) => {
    const state = store.getState();
    state.reveal(state.addAt(type, { x: 0, y: 0 }));
  };
  // These words lie where the first step is dropped: what is dropped on them is meant for the canvas.
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(DRAGGED_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  };
  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED_TYPE);
    if (!type) return;
    event.preventDefault();
    start(type);
  };
  return (
    <section className={classes.start} aria-labelledby="start-here" onDragOver={over} onDrop={drop}>
      <h2 id="start-here">
        <Trans>Who comes into this flow?</Trans>
      </h2>
      <p>
        <Trans>Choose what lets people in. What happens next is added below it.</Trans>
      </p>
      {triggers.map((type) => (
        <button
          key={type.type}
          type="button"
          className={classes.choice}
          onClick={() => start(type.type)}
        >
          <Tile group="trigger" type={type.type} />
          <span>
            <strong>{type.title}</strong>
            <span>{type.description}</span>
          </span>
        </button>
      ))}
    </section>
  );
}
