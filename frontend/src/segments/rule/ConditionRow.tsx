/** One condition: a sentence of chips, and what can be done with the row. */
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBracketsContain,
  IconCopy,
  IconDots,
  IconGripVertical,
  IconPlus,
  IconX,
} from '@tabler/icons-react';
import { type DragEvent, Fragment, type KeyboardEvent, useState } from 'react';
import type { Condition } from '@/model/rule';
import {
  duplicateAt,
  moveAt,
  pathKey,
  type RulePath,
  removeAt,
  reorderAt,
  replaceAt,
  ruleAt,
  unwrapAt,
  wrapAt,
} from '@/model/ruleEdit';
import { conditionParts, type Part, partsText, type Slot } from '@/model/ruleSentence';
import { Chip } from './Chip';
import { type Builder, editorId, focusSoon, useBuilder } from './context';
import { ConditionEditor } from './editors';
import classes from './rule.module.css';

const ABOUT: Partial<Record<Slot, string>> = {
  operator: 'How',
  value: 'Value',
  measure: 'How often or how much',
  window: 'When',
  follow: 'What follows',
  for: 'For how long',
};

const SUBJECTS: Partial<Record<Condition['type'], string>> = {
  event: 'Event',
  field: 'Field',
  segment: 'Segment',
  consent: 'Topic',
  flow: 'Flow',
  flow_email: 'Step',
  trigger: 'Property',
  sample: 'Sample',
};

const about = (rule: Condition, slot: Slot | undefined): string =>
  slot === 'subject'
    ? (SUBJECTS[rule.type] ?? 'What')
    : slot?.startsWith('where')
      ? 'Where'
      : ((slot && ABOUT[slot]) ?? '');

interface RowProps {
  rule: Condition;
  path: RulePath;
  /** The condition stands in a `not`, which the row shows as one word. */
  negated?: boolean;
}

/** The path of what the group sees: the row itself, or the `not` around it. */
const outerPath = (path: RulePath, negated: boolean | undefined): RulePath =>
  negated ? path.slice(0, -1) : path;

export function ConditionRow({ rule, path, negated }: RowProps) {
  const builder = useBuilder();
  const { root, change, names, readOnly, setOpen, problems, hints } = builder;
  const outer = outerPath(path, negated);
  const drag = useRowDrag(outer, builder);
  const parts = conditionParts(rule, names);
  const text = `${negated ? 'not: ' : ''}${partsText(parts)}`;
  const key = pathKey(path);
  const said = problems.get(key) ?? [];
  const hint = hints.find((each) => pathKey(each.path) === key);
  const lost = hint && !parts.some((part) => part.missing) ? hint.detail : null;
  const faults = [...new Set([...said, ...(lost ? [lost] : [])])];

  const set = (next: Condition) => change(replaceAt(root, path, next));
  const remove = () => {
    change(removeAt(root, path));
    focusSoon(`${builder.id}-${pathKey(outer.slice(0, -1))}-add`);
  };
  const move = (by: -1 | 1) => {
    change(moveAt(root, outer, by));
    const index = (outer.at(-1) ?? 0) + by;
    focusSoon(`${builder.id}-${pathKey([...outer.slice(0, -1), index])}-more`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (readOnly || !event.altKey) return;
    if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'ArrowDown') move(1);
    else return;
    event.preventDefault();
  };

  return (
    <li
      className={classes.row}
      aria-label={text}
      data-bad={said.length > 0 || undefined}
      data-drop={drag.over}
      onKeyDown={onKeyDown}
      {...drag.target}
    >
      {!readOnly && (
        <span className={classes.grip} aria-hidden {...drag.handle}>
          <IconGripVertical size={14} />
        </span>
      )}
      <div className={classes.sentence}>
        {negated && <span className={classes.not}>not</span>}
        <Parts rule={rule} parts={parts} path={path} set={set} />
        {!readOnly && <MoreDetail rule={rule} path={path} set={set} />}
        {faults.map((detail) => (
          <div key={detail} className={classes.fault} role="alert">
            {detail}
          </div>
        ))}
      </div>
      {!readOnly && (
        <div className={classes.rowTools}>
          <RowMenu
            path={outer}
            negated={negated}
            text={text}
            move={move}
            close={() => setOpen(null)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            aria-label={`Remove: ${text}`}
            onClick={remove}
          >
            <IconX size={15} />
          </ActionIcon>
        </div>
      )}
    </li>
  );
}

function Parts({
  rule,
  parts,
  path,
  set,
}: {
  rule: Condition;
  parts: readonly Part[];
  path: RulePath;
  set: (rule: Condition) => void;
}) {
  const { setOpen } = useBuilder();
  // the operator of a trigger and its value are edited where its property is
  const held = new Set<Slot>();
  return parts.map((part, i) => {
    const { slot } = part;
    const holds = Boolean(slot && !held.has(slot));
    if (slot) held.add(slot);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a part's place in the sentence is its name
      <Fragment key={`${slot ?? 'word'}-${i}`}>
        <Chip part={part} path={path} holds={holds} about={about(rule, slot)}>
          {slot && (
            <ConditionEditor
              value={rule}
              slot={slot}
              onChange={set}
              done={(next) => setOpen(next ? editorId(path, next) : null)}
            />
          )}
        </Chip>
      </Fragment>
    );
  });
}

/** Adds what a condition does not say yet: where, when, what follows, since when unchanged. */
function MoreDetail({
  rule,
  path,
  set,
}: {
  rule: Condition;
  path: RulePath;
  set: (rule: Condition) => void;
}) {
  const { open, setOpen } = useBuilder();
  const offers: { label: string; slot: Slot; add: () => void }[] = [];
  if (rule.type === 'event') {
    const where = rule.where ?? [];
    offers.push({
      label: 'Where …',
      slot: `where.${where.length}`,
      add: () => set({ ...rule, where: [...where, { property: '', op: 'eq', value: '' }] }),
    });
    if (!rule.followed_by && !rule.not_followed_by) {
      const add = () => set({ ...rule, not_followed_by: { name: '' } });
      offers.push({ label: 'Not followed by …', slot: 'follow', add });
    }
  }
  const windowed = rule.type === 'event' || rule.type === 'score_change' || rule.type === 'flow';
  if (windowed && !rule.window && !(rule.type === 'flow' && rule.op === 'inside')) {
    const add = () => set({ ...rule, window: { last: 'P30D' } });
    offers.push({ label: 'When …', slot: 'window', add });
  }
  if (rule.type === 'field' && !rule.for && rule.field) {
    offers.push({
      label: 'Unchanged for …',
      slot: 'for',
      add: () => set({ ...rule, for: 'P14D' }),
    });
  }
  if (offers.length === 0) return null;
  return (
    <Menu position="bottom-start" shadow="md" width={180} returnFocus={false}>
      <Menu.Target>
        <button
          type="button"
          className={classes.addDetail}
          aria-label="Say more about this condition"
          data-shown={open?.startsWith(`${pathKey(path)}:`) || undefined}
        >
          <IconPlus size={13} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {offers.map((offer) => (
          <Menu.Item
            key={offer.slot}
            onClick={() => {
              offer.add();
              setOpen(editorId(path, offer.slot));
            }}
          >
            {offer.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function RowMenu({
  path,
  negated,
  text,
  move,
  close,
}: {
  path: RulePath;
  negated: boolean | undefined;
  text: string;
  move: (by: -1 | 1) => void;
  close: () => void;
}) {
  const { root, change, id } = useBuilder();
  const parent = ruleAt(root, path.slice(0, -1));
  const siblings = parent && 'rules' in parent ? parent.rules.length : 1;
  const index = path.at(-1) ?? 0;
  return (
    <Menu position="bottom-end" shadow="md" width={210} onOpen={close}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={26}
          id={`${id}-${pathKey(path)}-more`}
          aria-label={`More for: ${text}`}
          className={classes.more}
        >
          <IconDots size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconBan size={14} />}
          onClick={() => change(negated ? unwrapAt(root, path) : wrapAt(root, path, 'not'))}
        >
          {negated ? 'Take “not” away' : 'Turn round: not'}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBracketsContain size={14} />}
          onClick={() => change(wrapAt(root, path, 'any'))}
        >
          Put in a group
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={14} />}
          onClick={() => change(duplicateAt(root, path))}
        >
          Duplicate
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconArrowUp size={14} />}
          disabled={index === 0}
          rightSection={<kbd>Alt ↑</kbd>}
          onClick={() => move(-1)}
        >
          Move up
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={14} />}
          disabled={index >= siblings - 1}
          rightSection={<kbd>Alt ↓</kbd>}
          onClick={() => move(1)}
        >
          Move down
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Dragging a row by its handle to another place in its own group. */
export function useRowDrag(path: RulePath, builder: Builder) {
  const { dragged, setDragged, root, change } = builder;
  const [over, setOver] = useState(false);
  const group = pathKey(path.slice(0, -1));
  const index = path.at(-1) ?? 0;
  const from = dragged?.at(-1);
  const accepts = dragged !== null && from !== index && pathKey(dragged.slice(0, -1)) === group;
  return {
    over: over && accepts ? ((from ?? 0) < index ? 'after' : 'before') : undefined,
    handle: {
      draggable: true,
      onDragStart: (event: DragEvent) => {
        event.dataTransfer.effectAllowed = 'move';
        const row = event.currentTarget.closest('li');
        if (row) event.dataTransfer.setDragImage(row, 8, 16);
        setDragged(path);
      },
      onDragEnd: () => setDragged(null),
    },
    target: {
      onDragOver: (event: DragEvent) => {
        if (!accepts) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        setOver(false);
        if (!accepts || from === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        change(reorderAt(root, path.slice(0, -1), from, index));
        setDragged(null);
      },
    },
  } as const;
}
