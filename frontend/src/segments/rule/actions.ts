/** What can be done with a row or a group, by its menu and by keyboard alike; each is announced. */
import { t } from '@lingui/core/macro';
import { flushSync } from 'react-dom';
import {
  countConditions,
  depthOf,
  isGroup,
  MAX_CONDITIONS,
  MAX_DEPTH,
  type Rule,
  type RuleNames,
} from '@/model/rule';
import { ruleFromText, ruleText } from '@/model/ruleClipboard';
import {
  duplicateAt,
  insertAt,
  pathKey,
  type RulePath,
  removeAt,
  ruleAt,
  unwrapAt,
  wrapAt,
} from '@/model/ruleEdit';
import {
  type Direction,
  groupPathOf,
  type Moved,
  type Place,
  relocate,
  stepAt,
} from '@/model/ruleMoves';
import { conditionParts, partsText } from '@/model/ruleSentence';
import { type Builder, focusSoon } from './context';

/** The four words of a group: `all`, `any`, and each of them within a `not`. */
export const WORDS = {
  all: t`All of these are true`,
  any: t`Any of these is true`,
  'not any': t`None of these is true`,
  'not all': t`Not all of these are true`,
} as const;

export type Word = keyof typeof WORDS;

/** A group's or a condition's name for people, also for what is read aloud. */
export function titleOf(rule: Rule, names: RuleNames): string {
  if (isGroup(rule)) return t`the group “${WORDS[rule.type]}”`;
  if (rule.type !== 'not') return partsText(conditionParts(rule, names));
  if (isGroup(rule.rule)) return t`the group “${WORDS[`not ${rule.rule.type}`]}”`;
  return t`not: ${titleOf(rule.rule, names)}`;
}

const STUCK: Record<Direction, string> = {
  up: t`It is the first in its group. Alt and left arrow takes it out.`,
  down: t`It is the last in its group. Alt and left arrow takes it out.`,
  in: t`There is no group beside it to go into.`,
  out: t`It stands at the outermost level already.`,
};

export const gripId = (builder: Builder, path: RulePath): string =>
  `${builder.id}-${pathKey(path)}-grip`;

/** Why a rule would become too large; null where it stays within the limits, or gets no larger. */
export function refusal(before: Rule, after: Rule): string | null {
  const count = countConditions(after);
  if (count > MAX_CONDITIONS && count > countConditions(before)) {
    return t`A rule may have ${MAX_CONDITIONS} conditions at most. Say the same with fewer, or put some into a segment of their own.`;
  }
  const depth = depthOf(after);
  if (depth > MAX_DEPTH && depth > depthOf(before)) {
    return t`Groups may nest ${MAX_DEPTH} levels deep at most. Put the inner part into a segment of its own.`;
  }
  return null;
}

/** Where a rule stands now, in words. */
function standing(root: Rule, path: RulePath): string {
  const parent = ruleAt(root, path.slice(0, -1));
  if (!parent || !isGroup(parent)) return '';
  const word = WORDS[parent.type].toLowerCase();
  return t`${(path.at(-1) ?? 0) + 1} of ${parent.rules.length} in “${word}”, level ${path.length}`;
}

export interface Actions {
  step: (path: RulePath, direction: Direction) => void;
  moveTo: (path: RulePath, place: Place) => void;
  remove: (path: RulePath) => void;
  duplicate: (path: RulePath) => void;
  wrap: (path: RulePath) => void;
  negate: (path: RulePath) => void;
  dissolve: (path: RulePath) => void;
  copy: (path: RulePath) => void;
  /** Puts a copied rule behind the one at `path`, or at the end of the group that it is. */
  paste: (path: RulePath, text: string | null) => void;
}

/** What was copied last here, for browsers that do not let a page read the clipboard. */
let copied: string | null = null;

export const copiedText = (): string | null => copied;

/** Does it and moves the focus at once: the next key must not find the row that stood there before. */
function now(does: () => void, focus: string): void {
  flushSync(does);
  const found = document.getElementById(focus);
  if (found) found.focus();
  else focusSoon(focus);
}

export function actionsOf(builder: Builder): Actions {
  const { change, say, names, setOpen } = builder;
  const title = (path: RulePath) => {
    const rule = ruleAt(builder.root(), path);
    return rule ? titleOf(rule, names) : '';
  };
  const put = (next: Rule, focus: RulePath, words: string) => {
    const refused = refusal(builder.root(), next);
    if (refused) {
      say(refused);
      return;
    }
    now(
      () => {
        setOpen(null);
        change(next);
        say(words);
      },
      gripId(builder, focus),
    );
  };
  const moved = (result: Moved, from: RulePath) =>
    put(result.root, result.path, t`Moved ${title(from)}: ${standing(result.root, result.path)}.`);

  return {
    step: (path, direction) => {
      const result = stepAt(builder.root(), path, direction);
      if (result) moved(result, path);
      else say(STUCK[direction]);
    },
    moveTo: (path, place) => {
      const result = relocate(builder.root(), path, place);
      if (result) moved(result, path);
    },
    remove: (path) => {
      const root = builder.root();
      const words = t`Removed ${title(path)}.`;
      const next = removeAt(root, path);
      const parent = path.slice(0, -1);
      const left = ruleAt(next, parent);
      const siblings = left && isGroup(left) ? left.rules.length : 0;
      const beside = [...parent, Math.min(path.at(-1) ?? 0, siblings - 1)];
      now(
        () => {
          setOpen(null);
          change(next);
          say(words);
        },
        siblings > 0 ? gripId(builder, beside) : `${builder.id}-${pathKey(parent)}:add`,
      );
    },
    duplicate: (path) => {
      const twin = [...path.slice(0, -1), (path.at(-1) ?? 0) + 1];
      put(duplicateAt(builder.root(), path), twin, t`Duplicated ${title(path)}.`);
    },
    wrap: (path) =>
      put(
        wrapAt(builder.root(), path, 'any'),
        [...path, 0],
        t`Put ${title(path)} into a group of its own.`,
      ),
    negate: (path) => {
      const root = builder.root();
      const negated = ruleAt(root, path)?.type === 'not';
      put(
        negated ? unwrapAt(root, path) : wrapAt(root, path, 'not'),
        path,
        negated ? t`No longer turned round.` : t`Turned round: not ${title(path)}.`,
      );
    },
    dissolve: (path) => {
      const root = builder.root();
      if (canDissolve(root, path)) put(unwrapAt(root, path), path, t`Dissolved ${title(path)}.`);
      else say(t`Only a group of “all” or “any” within another can be dissolved.`);
    },
    copy: (path) => {
      const rule = ruleAt(builder.root(), path);
      if (!rule) return;
      copied = ruleText(rule);
      // a page without HTTPS has no clipboard to write to; pasting here works all the same
      void navigator.clipboard?.writeText(copied).catch(() => undefined);
      say(t`Copied ${title(path)}.`);
    },
    paste: (path, text) => {
      const rule = text === null ? null : ruleFromText(text);
      if (!rule) {
        say(t`What was copied is not a condition.`);
        return;
      }
      const root = builder.root();
      const group = groupPathOf(root, path);
      const into = group && ruleAt(root, group);
      const inside = into && isGroup(into) ? { group, index: into.rules.length } : null;
      const place = inside ?? { group: path.slice(0, -1), index: (path.at(-1) ?? 0) + 1 };
      const landed = [...place.group, place.index];
      put(
        insertAt(root, place.group, rule, place.index),
        landed,
        t`Pasted ${titleOf(rule, names)}.`,
      );
    },
  };
}

/** Whether the group at `path` can give its place to what it holds. */
export function canDissolve(root: Rule, path: RulePath): boolean {
  const rule = ruleAt(root, path);
  const parent = ruleAt(root, path.slice(0, -1));
  if (!rule || !isGroup(rule) || path.length === 0 || rule.rules.length === 0) return false;
  return rule.rules.length === 1 || (parent !== undefined && isGroup(parent));
}
