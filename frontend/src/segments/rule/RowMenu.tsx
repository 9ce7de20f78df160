/** What can be done with a row or a group, with the keys that do the same. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowBarToLeft,
  IconArrowBarToRight,
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBoxMargin,
  IconBracketsContain,
  IconClipboard,
  IconClipboardPlus,
  IconCopy,
  IconDots,
  IconTrash,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { isGroup } from '@/model/rule';
import { type RulePath, ruleAt } from '@/model/ruleEdit';
import { groupPathOf, placeBeside } from '@/model/ruleMoves';
import { type Actions, actionsOf, canDissolve, copiedText } from './actions';
import { useToggle } from './Chip';
import { editorId, useBuilder } from './context';
import classes from './rule.module.css';

interface Item {
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  keys?: string;
  does: () => void;
  off?: boolean;
  danger?: boolean;
}

interface RowMenuProps {
  /** The path as the group around sees it. */
  path: RulePath;
  open: boolean;
  title: string;
}

export function RowMenu({ path, open, title }: RowMenuProps) {
  const builder = useBuilder();
  const toggle = useToggle(path, 'menu', open);
  return (
    <span className={classes.holder}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        id={`${builder.id}-${editorId(path, 'menu')}`}
        aria-label={t`More for: ${title}`}
        aria-haspopup="menu"
        aria-expanded={open}
        className={classes.more}
        {...toggle}
      >
        <IconDots size={15} />
      </ActionIcon>
      {open && <OpenMenu path={path} />}
    </span>
  );
}

function OpenMenu({ path }: { path: RulePath }) {
  const builder = useBuilder();
  const actions = actionsOf(builder);
  const { setOpen, store } = builder;
  return (
    <Menu
      opened
      onChange={(opened) => {
        if (!opened && store.getState().open === editorId(path, 'menu')) setOpen(null);
      }}
      position="bottom-end"
      shadow="md"
      width={250}
      transitionProps={{ duration: 0 }}
      returnFocus={false}
    >
      <Menu.Target>
        <span className={classes.anchor} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        {itemsOf(path, actions, builder.root).map((items, i) => (
          <Section key={items[0]?.label} items={items} first={i === 0} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Section({ items, first }: { items: readonly Item[]; first: boolean }) {
  return (
    <>
      {!first && <Menu.Divider />}
      {items.map(({ label, icon: Icon, keys, does, off, danger }) => (
        <Menu.Item
          key={label}
          leftSection={<Icon size={14} />}
          rightSection={keys && <kbd className={classes.keys}>{keys}</kbd>}
          c={danger ? 'var(--bad)' : undefined}
          disabled={off}
          onClick={does}
        >
          {label}
        </Menu.Item>
      ))}
    </>
  );
}

function itemsOf(
  path: RulePath,
  actions: Actions,
  root: () => Parameters<typeof placeBeside>[0],
): Item[][] {
  const rule = ruleAt(root(), path);
  const negated = rule?.type === 'not';
  const isGroupHere = groupPathOf(root(), path) !== null;
  const goes = (direction: 'up' | 'down' | 'in' | 'out') => ({
    does: () => actions.step(path, direction),
    off: placeBeside(root(), path, direction) === null,
  });
  const edits: Item[] = [
    {
      label: negated ? t`Take “not” away` : t`Turn round: not`,
      icon: IconBan,
      does: () => actions.negate(path),
    },
    {
      label: t`Put in a group`,
      icon: IconBracketsContain,
      keys: 'Ctrl G',
      does: () => actions.wrap(path),
    },
  ];
  if (rule && isGroup(rule)) {
    edits.push({
      label: t`Dissolve the group`,
      icon: IconBoxMargin,
      keys: 'Ctrl Shift G',
      does: () => actions.dissolve(path),
      off: !canDissolve(root(), path),
    });
  }
  return [
    edits,
    [
      { label: t`Duplicate`, icon: IconCopy, keys: 'Ctrl D', does: () => actions.duplicate(path) },
      { label: t`Copy`, icon: IconClipboard, keys: 'Ctrl C', does: () => actions.copy(path) },
      {
        label: isGroupHere ? t`Paste into the group` : t`Paste below`,
        icon: IconClipboardPlus,
        keys: 'Ctrl V',
        does: () => actions.paste(path, copiedText()),
        off: copiedText() === null,
      },
    ],
    [
      { label: t`Move up`, icon: IconArrowUp, keys: 'Alt ↑', ...goes('up') },
      { label: t`Move down`, icon: IconArrowDown, keys: 'Alt ↓', ...goes('down') },
      { label: t`Into the group beside`, icon: IconArrowBarToRight, keys: 'Alt →', ...goes('in') },
      { label: t`Out of its group`, icon: IconArrowBarToLeft, keys: 'Alt ←', ...goes('out') },
    ],
    [
      {
        label: t`Remove`,
        icon: IconTrash,
        keys: 'Del',
        does: () => actions.remove(path),
        danger: true,
      },
    ],
  ];
}
