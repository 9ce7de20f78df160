/** A group of conditions: its word at the head, its rows, and what can be added. */
import { ActionIcon, Menu, UnstyledButton } from '@mantine/core';
import { IconGripVertical, IconPlus, IconX } from '@tabler/icons-react';
import { emptyGroup, type GroupRule, isCondition, isGroup, type Rule } from '@/model/rule';
import {
  insertAt,
  pathKey,
  type RulePath,
  removeAt,
  replaceAt,
  ruleAt,
  unwrapAt,
} from '@/model/ruleEdit';
import { AddCondition } from './AddCondition';
import { ConditionRow, useRowDrag } from './ConditionRow';
import { editorId, focusSoon, useBuilder } from './context';
import classes from './rule.module.css';

/** The four words of a group: `all`, `any`, and each of them within a `not`. */
const WORDS = {
  all: 'All of these are true',
  any: 'Any of these is true',
  'not any': 'None of these is true',
  'not all': 'Not all of these are true',
} as const;

type Word = keyof typeof WORDS;

function withWord(group: GroupRule, word: Word): Rule {
  const inner: GroupRule = { type: word.endsWith('any') ? 'any' : 'all', rules: group.rules };
  return word.startsWith('not') ? { type: 'not', rule: inner } : inner;
}

interface GroupBoxProps {
  rule: GroupRule;
  path: RulePath;
  negated?: boolean;
}

export function GroupBox({ rule, path, negated = false }: GroupBoxProps) {
  const builder = useBuilder();
  const { root, change, readOnly, problems, setOpen, id } = builder;
  const outer = negated ? path.slice(0, -1) : path;
  const isRoot = outer.length === 0;
  const drag = useRowDrag(outer, builder);
  const word: Word = negated ? `not ${rule.type}` : rule.type;
  const faults = problems.get(pathKey(path)) ?? [];

  const setWord = (next: Word) => change(replaceAt(root, outer, withWord(rule, next)));
  const addGroup = () => {
    const at = [...path, rule.rules.length];
    change(insertAt(root, path, emptyGroup(rule.type === 'all' ? 'any' : 'all')));
    setOpen(editorId(at, 'add'));
  };
  const remove = () => {
    change(removeAt(root, path));
    focusSoon(`${id}-${pathKey(outer.slice(0, -1))}-add`);
  };

  const box = (
    <>
      <div className={classes.groupHead}>
        {!isRoot && !readOnly && (
          <span className={classes.grip} aria-hidden {...drag.handle}>
            <IconGripVertical size={14} />
          </span>
        )}
        <WordMenu word={word} setWord={setWord} path={outer} inner={rule.rules.length} />
        {!isRoot && !readOnly && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            className={classes.groupRemove}
            aria-label={`Remove the group “${WORDS[word]}” and what is in it`}
            onClick={remove}
          >
            <IconX size={15} />
          </ActionIcon>
        )}
      </div>
      {rule.rules.length > 0 && (
        <ul className={classes.rows}>
          {rule.rules.map((inner, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rule's place is its identity
            <Inner key={i} rule={inner} path={[...path, i]} />
          ))}
        </ul>
      )}
      {rule.rules.length === 0 && (
        <p className={classes.emptyGroup}>
          {isRoot
            ? 'Start with something they did, or something you know about them.'
            : 'Empty: choose a condition, or remove the group.'}
        </p>
      )}
      {faults.map((detail) => (
        <div key={detail} className={classes.fault} role="alert">
          {detail}
        </div>
      ))}
      {!readOnly && (
        <div className={classes.adders}>
          <AddCondition path={path} index={rule.rules.length} />
          <UnstyledButton className={classes.adder} onClick={addGroup}>
            <IconPlus size={14} aria-hidden /> Group
          </UnstyledButton>
        </div>
      )}
    </>
  );

  if (isRoot) return <div className={classes.root}>{box}</div>;
  return (
    <li
      className={classes.group}
      data-word={word}
      data-drop={drag.over}
      aria-label={WORDS[word]}
      {...drag.target}
    >
      {box}
    </li>
  );
}

/** Whatever stands in a group: a row, a group, or a `not` around one of them. */
function Inner({ rule, path }: { rule: Rule; path: RulePath }) {
  if (isGroup(rule)) return <GroupBox rule={rule} path={path} />;
  if (isCondition(rule)) return <ConditionRow rule={rule} path={path} />;
  const inner = rule.rule;
  if (isGroup(inner)) return <GroupBox rule={inner} path={[...path, 0]} negated />;
  if (isCondition(inner)) return <ConditionRow rule={inner} path={[...path, 0]} negated />;
  return (
    <li className={classes.group} data-word="not all" aria-label="It is not so that">
      <div className={classes.groupHead}>
        <span className={classes.groupWord}>It is not so that</span>
      </div>
      <ul className={classes.rows}>
        <Inner rule={inner} path={[...path, 0]} />
      </ul>
    </li>
  );
}

function WordMenu({
  word,
  setWord,
  path,
  inner,
}: {
  word: Word;
  setWord: (word: Word) => void;
  path: RulePath;
  inner: number;
}) {
  const { readOnly, root, change } = useBuilder();
  if (readOnly) return <span className={classes.groupWord}>{WORDS[word]}</span>;
  const parent = ruleAt(root, path.slice(0, -1));
  const canDissolve = path.length > 0 && inner > 0 && parent && (isGroup(parent) || inner === 1);
  return (
    <Menu position="bottom-start" shadow="md" width={210}>
      <Menu.Target>
        <UnstyledButton className={classes.groupWord} data-button>
          {WORDS[word]}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(WORDS) as Word[]).map((each) => (
          <Menu.Item key={each} aria-current={each === word} onClick={() => setWord(each)}>
            {WORDS[each]}
          </Menu.Item>
        ))}
        {canDissolve && !word.startsWith('not') && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => change(unwrapAt(root, path))}>Dissolve the group</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
