/** One condition: a sentence of chips, what is wrong with it, and what can be done with the row. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon } from '@mantine/core';
import { IconGripVertical, IconX } from '@tabler/icons-react';
import { Fragment, memo, useEffect } from 'react';
import type { Condition } from '@/model/rule';
import { pathKey, type RulePath, replaceAt } from '@/model/ruleEdit';
import type { Fault } from '@/model/ruleFaults';
import { conditionHints } from '@/model/ruleHints';
import { conditionParts, type Part, partsText, type Slot } from '@/model/ruleSentence';
import { actionsOf, gripId } from './actions';
import { Chip } from './Chip';
import {
  type EditorSlot,
  editorId,
  focusIfLost,
  useBuilder,
  useBuilderState,
  useFaults,
  useOpenSlot,
} from './context';
import { useDragHandle } from './drag';
import { ConditionEditor } from './editors';
import { MoreDetail } from './MoreDetail';
import { RowMenu } from './RowMenu';
import classes from './rule.module.css';

const ABOUT: Partial<Record<Slot, string>> = {
  operator: t`How`,
  value: t`Value`,
  measure: t`How often or how much`,
  window: t`When`,
  follow: t`What follows`,
  for: t`For how long`,
};

const SUBJECTS: Partial<Record<Condition['type'], string>> = {
  event: t`Event`,
  field: t`Field`,
  segment: t`Segment`,
  consent: t`Topic`,
  flow: t`Flow`,
  flow_email: t`Step`,
  trigger: t`Property`,
  sample: t`Sample`,
};

const about = (rule: Condition, slot: Slot | undefined): string =>
  slot === 'subject'
    ? (SUBJECTS[rule.type] ?? t`What`)
    : slot?.startsWith('where')
      ? t`Where`
      : ((slot && ABOUT[slot]) ?? '');

interface RowProps {
  rule: Condition;
  path: RulePath;
  /** How many `not`s stand around the condition alone; the row shows them as words. */
  nots?: number;
}

/** Drawn again only if its own condition has changed: a rule may have two hundred rows. */
export const ConditionRow = memo(
  Row,
  (before, after) =>
    before.rule === after.rule &&
    before.nots === after.nots &&
    pathKey(before.path) === pathKey(after.path),
);

function Row({ rule, path, nots = 0 }: RowProps) {
  const { names, readOnly } = useBuilder();
  const outer = nots > 0 ? path.slice(0, -nots) : path;
  const open = useOpenSlot(path);
  const parts = conditionParts(rule, names);
  const text = `${'not: '.repeat(nots)}${partsText(parts)}`;
  const refused = useFaults(path);
  const asked = parts.some((part) => part.missing) ? [] : conditionHints(rule, names);
  useClosedEditor(outer, open, parts);
  const faults: readonly Fault[] = refused.length > 0 ? refused : asked;

  return (
    <Item path={outer} text={text} bad={faults.length > 0}>
      <div className={classes.sentence}>
        {Array.from({ length: nots }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one is as the other
          <span key={i} className={classes.not}>
            <Trans>not</Trans>
          </span>
        ))}
        <Parts rule={rule} parts={parts} path={path} open={open} faults={faults} />
        {!readOnly && <MoreDetail rule={rule} path={path} open={open === 'more'} />}
        <Faults path={path} faults={faults} />
      </div>
    </Item>
  );
}

/** Closes the editor of a part that is no longer said ("at any time" takes the window away). */
function useClosedEditor(path: RulePath, open: string | null, parts: readonly Part[]) {
  const builder = useBuilder();
  const gone = open !== null && !NO_PART.has(open) && !parts.some((part) => part.slot === open);
  const grip = gripId(builder, path);
  useEffect(() => {
    if (!gone) return;
    builder.setOpen(null);
    focusIfLost(grip);
  }, [gone, builder, grip]);
}

/** What opens at a row without being an editor of one of its parts. */
const NO_PART = new Set<string>(['more', 'menu'] satisfies EditorSlot[]);

/** The row around the sentence: its handle, its menu, and where something dragged would land. */
function Item({
  path,
  text,
  bad,
  children,
}: {
  path: RulePath;
  text: string;
  bad: boolean;
  children: React.ReactNode;
}) {
  const builder = useBuilder();
  const mark = useDropMark(path);
  const menu = useBuilderState(({ open }) => open === editorId(path, 'menu'));
  const dragged = useBuilderState((state) => isSame(state.dragged, path));
  return (
    <li
      className={classes.row}
      aria-label={text}
      data-rule-path={pathKey(path)}
      data-bad={bad || undefined}
      data-drop={mark}
      data-dragged={dragged || undefined}
    >
      <div className={classes.line} data-rule-line>
        {!builder.readOnly && <Grip path={path} title={text} />}
        {children}
        {!builder.readOnly && (
          <div className={classes.rowTools}>
            <RowMenu path={path} open={menu} title={text} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={t`Remove: ${text}`}
              onClick={() => actionsOf(builder).remove(path)}
            >
              <IconX size={15} />
            </ActionIcon>
          </div>
        )}
      </div>
    </li>
  );
}

const isSame = (a: RulePath | null, b: RulePath): boolean =>
  a !== null && pathKey(a) === pathKey(b);

/** The handle: it is dragged, and it is where the keyboard stands on the row. */
export function Grip({ path, title }: { path: RulePath; title: string }) {
  const builder = useBuilder();
  const handle = useDragHandle(path);
  return (
    <button
      type="button"
      id={`${builder.id}-${pathKey(path)}-grip`}
      className={classes.grip}
      data-grip
      aria-label={t`Move: ${title}`}
      aria-roledescription={t`draggable condition`}
      aria-describedby={`${builder.id}-how`}
      onClick={() => builder.setOpen(editorId(path, 'menu'))}
      {...handle}
    >
      <IconGripVertical size={14} aria-hidden />
    </button>
  );
}

/** Before or behind this one, where something dragged would land. */
export function useDropMark(path: RulePath): 'before' | 'after' | undefined {
  const group = pathKey(path.slice(0, -1));
  const at = path.at(-1) ?? 0;
  return useBuilderState(({ drop }) => {
    if (!drop || path.length === 0 || pathKey(drop.group) !== group) return undefined;
    if (drop.index === at) return 'before';
    return drop.index === at + 1 ? 'after' : undefined;
  });
}

interface PartsProps {
  rule: Condition;
  parts: readonly Part[];
  path: RulePath;
  open: string | null;
  faults: readonly Fault[];
}

function Parts({ rule, parts, path, open, faults }: PartsProps) {
  const builder = useBuilder();
  const held = new Set<Slot>();
  return parts.map((part, i) => {
    const { slot } = part;
    const holds = Boolean(slot && !held.has(slot));
    if (slot) held.add(slot);
    const wrong = slot ? faults.findIndex((fault) => fault.slot === slot) : -1;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a part's place in the sentence is its name
      <Fragment key={`${slot ?? 'word'}-${i}`}>
        <Chip
          part={part}
          path={path}
          open={slot === open}
          holds={holds}
          about={about(rule, slot)}
          fault={wrong >= 0 ? faultId(builder.id, path, wrong) : undefined}
        >
          {() =>
            slot && (
              <ConditionEditor
                value={rule}
                slot={slot}
                onChange={(next) =>
                  builder.change(replaceAt(builder.root(), path, next), editorId(path, slot))
                }
                done={(next) => builder.setOpen(next ? editorId(path, next) : null)}
              />
            )
          }
        </Chip>
      </Fragment>
    );
  });
}

const faultId = (prefix: string, path: RulePath, index: number): string =>
  `${prefix}-${pathKey(path)}-fault-${index}`;

/** What is wrong, each a way to the place where it is mended. */
export function Faults({ path, faults }: { path: RulePath; faults: readonly Fault[] }) {
  const { id, setOpen, readOnly } = useBuilder();
  return faults.map(({ detail, slot }, i) => (
    <div key={`${slot ?? ''} ${detail}`} className={classes.fault} id={faultId(id, path, i)}>
      {slot && !readOnly ? (
        <button type="button" onClick={() => setOpen(editorId(path, slot))}>
          {detail}
        </button>
      ) : (
        detail
      )}
    </div>
  ));
}
