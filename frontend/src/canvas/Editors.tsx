/** Who else has this flow open: initials in the top bar; a click goes to the step they are at. */
import { t } from '@lingui/core/macro';
import { Tooltip } from '@mantine/core';
import { useStore } from 'zustand';
import { nodeOf } from '@/model/graph';
import { placeOf } from '@/model/notes';
import { Avatar } from '@/ui/Avatar';
import { useCanvas } from './context';
import classes from './Editors.module.css';
import type { Person } from './presence';
import { useTitleOf } from './useTitles';

const SHOWN = 4;

export function Editors() {
  const { presence, store } = useCanvas();
  const people = useStore(presence, (state) => state.people);
  const titleOf = useTitleOf();
  if (people.length === 0) return null;
  const words = (person: Person) => {
    const node = person.node ? nodeOf(store.getState().graph, person.node) : undefined;
    if (!person.editing) return t`${person.name} is looking at this flow`;
    return node
      ? t`${person.name} is editing “${titleOf(node)}”`
      : t`${person.name} is editing this flow`;
  };
  return (
    <ul className={classes.people} aria-label={t`Also here`}>
      {people.slice(0, SHOWN).map((person) => (
        <li key={person.id}>
          <Tooltip label={words(person)}>
            <button
              type="button"
              aria-label={words(person)}
              data-editing={person.editing || undefined}
              onClick={() => {
                const { graph, reveal } = store.getState();
                if (person.node && placeOf(graph, person.node)) reveal(person.node);
              }}
            >
              <Avatar name={person.name} size={24} />
            </button>
          </Tooltip>
        </li>
      ))}
      {people.length > SHOWN && <li className={classes.more}>+{people.length - SHOWN}</li>}
    </ul>
  );
}

/** At a card: who is editing that step now. */
export function AtNode({ id }: { id: string }) {
  const { presence } = useCanvas();
  const name = useStore(
    presence,
    (state) => state.people.find((each) => each.node === id && each.editing)?.name,
  );
  if (!name) return null;
  return (
    <span className={classes.ring}>
      <span className={classes.tag}>{name}</span>
    </span>
  );
}
