/** The menu behind a "+": search, arrows, Enter. Puts the chosen step at the way out it came from. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { TextInput } from '@mantine/core';
import { useClickOutside } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { besideAll, type OpenEnd } from '@/model/graph';
import { useCanvas } from './context';
import { Tile } from './NodeCard';
import classes from './Palette.module.css';
import { paletteGroups } from './paletteGroups';
import { nodeElement } from './useShortcuts';

export interface Offer {
  end: OpenEnd | null;
  at: { x: number; y: number };
}

const WIDTH = 260;
const HEIGHT = 380;

export function AddMenu({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const { types, store } = useCanvas();
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const box = useClickOutside<HTMLDivElement>(onClose);
  const all = paletteGroups(types.values(), search, offer.end ? ['trigger'] : []);
  const groups = offer.end ? all : all.filter((each) => each.group === 'trigger');
  const flat = groups.flatMap((group) => group.types);

  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  });

  const choose = (type: string) => {
    const state = store.getState();
    const id = offer.end
      ? state.insertAt(type, offer.end)
      : state.addAt(type, besideAll(state.graph));
    onClose();
    state.reveal(id);
  };

  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape') {
      onClose();
      if (offer.end) nodeElement(offer.end.node)?.focus({ preventScroll: true });
    } else if (event.key === 'ArrowDown') setActive((at) => Math.min(at + 1, flat.length - 1));
    else if (event.key === 'ArrowUp') setActive((at) => Math.max(at - 1, 0));
    else if (event.key === 'Enter') {
      const type = flat[active];
      if (type) choose(type.type);
    } else return;
    event.preventDefault();
  };

  const left = Math.max(8, Math.min(offer.at.x - WIDTH / 2, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(offer.at.y, window.innerHeight - HEIGHT - 8));

  return (
    <div
      ref={box}
      role="dialog"
      aria-label={offer.end ? t`Add a step` : t`Add a trigger`}
      className={classes.menu}
      style={{ left, top }}
      onKeyDown={press}
    >
      <TextInput
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="add-menu-steps"
        aria-activedescendant={flat[active] ? `add-${flat[active].type}` : undefined}
        aria-label={t`Search steps`}
        placeholder={offer.end ? t`Add a step` : t`Add a trigger`}
        leftSection={<IconSearch size={14} />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setActive(0);
        }}
      />
      <div
        ref={list}
        className={classes.scroll}
        role="listbox"
        id="add-menu-steps"
        aria-label={t`Steps`}
      >
        {groups.map(({ group, label, types: members }) => (
          <div key={group} className={classes.group} role="group" aria-label={label}>
            <span className={classes.heading}>{label}</span>
            {members.map((type) => {
              const chosen = flat[active]?.type === type.type;
              return (
                <button
                  key={type.type}
                  id={`add-${type.type}`}
                  type="button"
                  role="option"
                  aria-selected={chosen}
                  data-active={chosen || undefined}
                  tabIndex={-1}
                  className={classes.item}
                  onPointerMove={() => setActive(flat.indexOf(type))}
                  onClick={() => choose(type.type)}
                >
                  <Tile group={type.group} type={type.type} size={24} />
                  {type.title}
                </button>
              );
            })}
          </div>
        ))}
        {flat.length === 0 && (
          <p className={classes.none}>
            <Trans>No step of that name.</Trans>
          </p>
        )}
      </div>
    </div>
  );
}
