/** A group of conditions: its word at the head, its rows, and what can be added. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconChevronDown, IconPlus, IconX } from '@tabler/icons-react';
import { memo } from 'react';
import {
  countConditions,
  emptyGroup,
  type GroupRule,
  isCondition,
  isGroup,
  MAX_DEPTH,
  type Rule,
} from '@/model/rule';
import { insertAt, pathKey, type RulePath, replaceAt } from '@/model/ruleEdit';
import { partsText, sentenceParts } from '@/model/ruleSentence';
import { AddCondition } from './AddCondition';
import { actionsOf, WORDS, type Word } from './actions';
import { useToggle } from './Chip';
import { ConditionRow, Faults, Grip, useDropMark } from './ConditionRow';
import { editorId, useBuilder, useBuilderState, useFaults } from './context';
import { RowMenu } from './RowMenu';
import classes from './rule.module.css';

function withWord(group: GroupRule, word: Word): Rule {
  const inner: GroupRule = { type: word.endsWith('any') ? 'any' : 'all', rules: group.rules };
  return word.startsWith('not') ? { type: 'not', rule: inner } : inner;
}

interface GroupBoxProps {
  rule: GroupRule;
  path: RulePath;
  /** The group stands in a `not`, which is part of its word. */
  negated?: boolean;
  /** What stands at the right of the outermost group's head. */
  tools?: React.ReactNode;
}

export const GroupBox = memo(
  Box,
  (before, after) =>
    before.rule === after.rule &&
    before.negated === after.negated &&
    before.tools === after.tools &&
    pathKey(before.path) === pathKey(after.path),
);

function Box({ rule, path, negated = false, tools }: GroupBoxProps) {
  const { readOnly } = useBuilder();
  const outer = negated ? path.slice(0, -1) : path;
  const isRoot = outer.length === 0;
  const word: Word = negated ? `not ${rule.type}` : rule.type;
  const folded = useBuilderState((state) => state.folded.has(rule)) && !isRoot;
  const faults = useFaults(path);
  const place = {
    'data-rule-group': pathKey(path),
    'data-rule-count': rule.rules.length,
  };

  const box = (
    <>
      <Head rule={rule} word={word} outer={outer} folded={folded} tools={tools} />
      {!folded && (
        <>
          <Rows rule={rule} path={path} isRoot={isRoot} />
          <Faults path={path} faults={faults} />
          {!readOnly && <Adders rule={rule} path={path} />}
        </>
      )}
    </>
  );
  if (isRoot) {
    return (
      <div className={classes.root} {...place}>
        {box}
      </div>
    );
  }
  return (
    <GroupItem outer={outer} word={word} place={place}>
      {box}
    </GroupItem>
  );
}

function GroupItem({
  outer,
  word,
  place,
  children,
}: {
  outer: RulePath;
  word: Word;
  place: Record<`data-${string}`, string | number>;
  children: React.ReactNode;
}) {
  const mark = useDropMark(outer);
  const key = pathKey(outer);
  const dragged = useBuilderState((state) => state.dragged && pathKey(state.dragged) === key);
  return (
    <li
      className={classes.group}
      data-word={word}
      data-rule-path={key}
      data-drop={mark}
      data-dragged={dragged || undefined}
      aria-label={WORDS[word]}
      {...place}
    >
      {children}
    </li>
  );
}

interface HeadProps {
  rule: GroupRule;
  word: Word;
  outer: RulePath;
  folded: boolean;
  tools: React.ReactNode;
}

function Head({ rule, word, outer, folded, tools }: HeadProps) {
  const builder = useBuilder();
  const { readOnly } = builder;
  const isRoot = outer.length === 0;
  const menu = useBuilderState(({ open }) => open === editorId(outer, 'menu'));
  const title = t`the group “${WORDS[word]}”`;
  return (
    <div className={classes.groupHead} data-group-head data-rule-line>
      {!isRoot && !readOnly && <Grip path={outer} title={title} />}
      {!isRoot && <Fold rule={rule} folded={folded} title={title} />}
      <WordMenu rule={rule} word={word} outer={outer} />
      {folded && <Summary rule={rule} />}
      {isRoot && tools}
      {!isRoot && !readOnly && (
        <div className={classes.groupTools}>
          <RowMenu path={outer} open={menu} title={title} />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            aria-label={t`Remove the group “${WORDS[word]}” and what is in it`}
            onClick={() => actionsOf(builder).remove(outer)}
          >
            <IconX size={15} />
          </ActionIcon>
        </div>
      )}
    </div>
  );
}

/** Folds a group to one line, and opens it again. */
function Fold({ rule, folded, title }: { rule: GroupRule; folded: boolean; title: string }) {
  const { store } = useBuilder();
  const toggle = () => {
    const next = new Set(store.getState().folded);
    if (!next.delete(rule)) next.add(rule);
    store.setState({ folded: next });
  };
  return (
    <button
      type="button"
      className={classes.fold}
      aria-expanded={!folded}
      aria-label={t`Show ${title}`}
      onClick={toggle}
    >
      <IconChevronDown size={14} aria-hidden />
    </button>
  );
}

function Summary({ rule }: { rule: GroupRule }) {
  const { names } = useBuilder();
  const words = partsText(sentenceParts(rule, names))
    .replace(/^People /, '')
    .replace(/\.$/, '');
  return (
    <span className={classes.summary} title={words}>
      <b>{plural(countConditions(rule), { one: '# condition', other: '# conditions' })}</b> {words}
    </span>
  );
}

function Rows({ rule, path, isRoot }: { rule: GroupRule; path: RulePath; isRoot: boolean }) {
  const key = pathKey(path);
  const lands = useBuilderState(({ drop }) => drop !== null && pathKey(drop.group) === key);
  if (rule.rules.length === 0) {
    return (
      <p className={classes.emptyGroup} data-drop={lands || undefined}>
        {isRoot
          ? t`Start with something they did, or something you know about them.`
          : t`Empty: choose a condition, drag one here, or remove the group.`}
      </p>
    );
  }
  return (
    <ul className={classes.rows}>
      {rule.rules.map((inner, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule's place is its identity
        <Inner key={i} rule={inner} path={[...path, i]} />
      ))}
    </ul>
  );
}

/** Whatever stands in a group: a row, a group, or `not`s around one of them. */
function Inner({ rule, path, nots = 0 }: { rule: Rule; path: RulePath; nots?: number }) {
  if (isGroup(rule)) return <GroupBox rule={rule} path={path} negated={nots > 0} />;
  if (isCondition(rule)) return <ConditionRow rule={rule} path={path} nots={nots} />;
  const inner = rule.rule;
  // a `not` around a `not` around a group is rare, and its word is that of the inner one
  if (!isCondition(inner) && !isGroup(inner) && innermost(inner).nested) {
    return <Doubled rule={inner} path={[...path, 0]} />;
  }
  return <Inner rule={inner} path={[...path, 0]} nots={nots + 1} />;
}

/** Whether at the end of a chain of `not`s there is a group. */
function innermost(rule: Rule): { nested: boolean } {
  if (rule.type === 'not') return innermost(rule.rule);
  return { nested: isGroup(rule) };
}

function Doubled({ rule, path }: { rule: Rule; path: RulePath }) {
  return (
    <li
      className={classes.group}
      data-word="not all"
      data-rule-path={pathKey(path.slice(0, -1))}
      aria-label={t`It is not so that`}
    >
      <div className={classes.groupHead}>
        <span className={classes.groupWord}>
          <Trans>It is not so that</Trans>
        </span>
      </div>
      <ul className={classes.rows}>
        <Inner rule={rule} path={path} />
      </ul>
    </li>
  );
}

function WordMenu({ rule, word, outer }: { rule: GroupRule; word: Word; outer: RulePath }) {
  const builder = useBuilder();
  const open = useBuilderState((state) => state.open === editorId(outer, 'word'));
  const toggle = useToggle(outer, 'word', open);
  if (builder.readOnly) return <span className={classes.groupWord}>{WORDS[word]}</span>;
  const choose = (next: Word) => {
    builder.change(replaceAt(builder.root(), outer, withWord(rule, next)));
    builder.setOpen(null);
    builder.say(WORDS[next]);
  };
  return (
    <span className={classes.holder}>
      <button
        type="button"
        id={`${builder.id}-${editorId(outer, 'word')}`}
        className={classes.groupWord}
        data-button
        aria-haspopup="menu"
        aria-expanded={open}
        {...toggle}
      >
        {WORDS[word]}
      </button>
      {open && (
        <Menu
          opened
          onChange={(opened) => {
            const still = builder.store.getState().open === editorId(outer, 'word');
            if (!opened && still) builder.setOpen(null);
          }}
          position="bottom-start"
          shadow="md"
          width={230}
          returnFocus={false}
          transitionProps={{ duration: 0 }}
        >
          <Menu.Target>
            <span className={classes.anchor} aria-hidden />
          </Menu.Target>
          <Menu.Dropdown>
            {(Object.keys(WORDS) as Word[]).map((each) => (
              <Menu.Item key={each} aria-current={each === word} onClick={() => choose(each)}>
                {WORDS[each]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </span>
  );
}

/** How many groups and `not`s stand around what would be added to the group at `path`. */
const levelOf = (path: RulePath): number => path.length + 1;

function Adders({ rule, path }: { rule: GroupRule; path: RulePath }) {
  const builder = useBuilder();
  const full = useFull();
  const deep = levelOf(path) >= MAX_DEPTH;
  const because =
    full ??
    (deep
      ? t`Groups may nest ${MAX_DEPTH} levels deep at most. Put the inner part into a segment of its own.`
      : null);
  const addGroup = () => {
    const at = [...path, rule.rules.length];
    const fresh = emptyGroup(rule.type === 'all' ? 'any' : 'all');
    builder.change(insertAt(builder.root(), path, fresh));
    builder.setOpen(editorId(at, 'add'));
  };
  return (
    <div className={classes.adders}>
      <AddCondition path={path} index={rule.rules.length} because={full} />
      <Tooltip label={because ?? ''} disabled={!because} multiline maw={260}>
        <button
          type="button"
          className={classes.adder}
          aria-disabled={because ? true : undefined}
          title={because ?? undefined}
          onClick={() => (because ? builder.say(because) : addGroup())}
        >
          <Trans>
            <IconPlus size={14} aria-hidden /> Group
          </Trans>
        </button>
      </Tooltip>
    </div>
  );
}

/** Why no condition can be added any more; null while there is room. */
function useFull(): string | null {
  return useBuilderState((state) => state.full);
}
