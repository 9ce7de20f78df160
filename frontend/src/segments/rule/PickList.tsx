/** A list to search and pick from, all by keyboard: the inside of most of the builder's popovers. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Combobox, ScrollArea, TextInput, useCombobox } from '@mantine/core';
import { IconCheck, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useLayoutEffect, useState } from 'react';
import classes from './rule.module.css';

export interface Pick {
  value: string;
  label: string;
  /** A word at the right: a type, a count. */
  caption?: string;
  icon?: ReactNode;
  group?: string;
}

interface PickListProps {
  label: string;
  options: readonly Pick[];
  onPick: (value: string) => void;
  chosen?: readonly string[];
  /** Shown only once a person types. */
  found?: readonly Pick[];
  /** Offers what was typed as a value of its own, with these words. */
  own?: (typed: string) => string;
  nothing?: string;
}

/** More options than this are not drawn; typing narrows them. */
const SHOWN = 80;

/**
 * 0: begins with what was typed; 1: a word of it does; 2: it is somewhere in it; 3: its key has it,
 * for whoever knows a field by that; none: not found.
 */
function rank(option: Pick, search: string): number | null {
  const label = option.label.toLowerCase();
  if (label.startsWith(search)) return 0;
  if (label.includes(` ${search}`)) return 1;
  if (label.includes(search)) return 2;
  return option.value.toLowerCase().includes(search) ? 3 : null;
}

function matching(options: readonly Pick[], search: string): Pick[] {
  return options
    .flatMap((option) => {
      const at = rank(option, search);
      return at === null ? [] : [{ option, at }];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ option }) => option);
}

function grouped(options: readonly Pick[]): [string, Pick[]][] {
  const groups = new Map<string, Pick[]>();
  for (const option of options) {
    const group = option.group ?? '';
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  return [...groups];
}

export function PickList(props: PickListProps) {
  const { label, options, onPick, chosen = [], found = [], own, nothing } = props;
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({ opened: true });
  const search = typed.trim().toLowerCase();
  const all = search ? matching([...options, ...found], search) : options;
  const shown = all.slice(0, SHOWN);
  const exact = [...options, ...found].some((each) => each.value === typed.trim());
  const offer = own && search && !exact ? own(typed.trim()) : null;

  // Before the next key is heard: Enter takes the first, however fast somebody types.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is new with every drawing
  useLayoutEffect(() => {
    if (search) combobox.selectFirstOption();
  }, [search]);

  return (
    <Combobox store={combobox} onOptionSubmit={(value) => onPick(value)}>
      <Combobox.EventsTarget>
        <TextInput
          data-autofocus
          aria-label={label}
          placeholder={label}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          className={classes.pickSearch}
        />
      </Combobox.EventsTarget>
      <ScrollArea.Autosize mah={280} type="auto" scrollbarSize={8}>
        <Combobox.Options aria-label={label}>
          {grouped(shown).map(([group, members]) => (
            <Combobox.Group label={group || undefined} key={group}>
              {members.map((option) => (
                <Combobox.Option
                  value={option.value}
                  key={option.value}
                  active={chosen.includes(option.value)}
                  className={classes.option}
                >
                  {option.icon && <span className={classes.optionIcon}>{option.icon}</span>}
                  <span className={classes.optionLabel}>{option.label}</span>
                  {option.caption && (
                    <span className={classes.optionCaption}>{option.caption}</span>
                  )}
                  {chosen.includes(option.value) && <IconCheck size={14} aria-label={t`chosen`} />}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {offer && (
            <Combobox.Option value={typed.trim()} className={classes.option}>
              {offer}
            </Combobox.Option>
          )}
          {shown.length === 0 && !offer && (
            <Combobox.Empty>{search ? t`Nothing of that name.` : nothing}</Combobox.Empty>
          )}
        </Combobox.Options>
      </ScrollArea.Autosize>
      {all.length > SHOWN && (
        <div className={classes.pickMore}>
          <Trans>{all.length - SHOWN} more: type to find them</Trans>
        </div>
      )}
    </Combobox>
  );
}
