/** What an empty canvas says: a flow begins with who comes in. */
import { useCanvas } from './context';
import classes from './DesignTab.module.css';
import { Tile } from './NodeCard';

export function StartHere() {
  const { types, store } = useCanvas();
  const triggers = [...types.values()].filter((type) => type.group === 'trigger');
  return (
    <section className={classes.start} aria-labelledby="start-here">
      <h2 id="start-here">Who comes into this flow?</h2>
      <p>Choose what lets a contact in. What happens next is added below it.</p>
      {triggers.map((type) => (
        <button
          key={type.type}
          type="button"
          className={classes.choice}
          onClick={() => {
            const state = store.getState();
            state.reveal(state.addAt(type.type, { x: 0, y: 0 }));
          }}
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
