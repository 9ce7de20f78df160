/**
 * The rule builder: nested groups of conditions, each a sentence of chips that open their editors.
 *
 * It holds no rule of its own: `value` goes in, every change comes out at once by `onChange`. It
 * fits a page and a panel of 320 px. `useRuleChoices` brings the names it offers.
 */
import { useId, useMemo, useState } from 'react';
import type { JsonObject } from '@/api/types';
import { asRule, isCondition, isGroup, type Rule, type RuleNames } from '@/model/rule';
import { pathKey, type RulePath, splitServerPath } from '@/model/ruleEdit';
import { ruleHints } from '@/model/ruleHints';
import { type Builder, BuilderContext, focusIfLost } from './rule/context';
import { GroupBox } from './rule/GroupBox';

export interface RuleProblem {
  /** The server's path into the rule: `rules.0.value`. */
  path: string;
  detail: string;
}

export interface RuleBuilderProps extends Partial<RuleNames> {
  value: Rule | JsonObject | null | undefined;
  onChange: (rule: Rule) => void;
  events?: readonly { name: string; count?: number }[];
  /** The names of the events that may let a visit in; their properties are offered. */
  triggerEvents?: readonly string[];
  /** Offers what only makes sense in a flow: the trigger, its e-mails, "since entering". */
  inFlow?: boolean;
  readOnly?: boolean;
  problems?: readonly RuleProblem[];
}

/** The rule as the builder draws it: a group at the root, so that there is a place to add to. */
export function drawable(value: Rule | JsonObject | null | undefined): Rule {
  const rule = asRule(value);
  if (isGroup(rule) || (rule.type === 'not' && isGroup(rule.rule))) return rule;
  return { type: 'all', rules: [rule] };
}

const NONE: readonly never[] = [];

function problemsByPath(problems: readonly RuleProblem[], wrapped: boolean) {
  const byPath = new Map<string, string[]>();
  for (const { path, detail } of problems) {
    const found = splitServerPath(path).path;
    const key = pathKey(wrapped ? [0, ...found] : found);
    byPath.set(key, [...(byPath.get(key) ?? []), detail]);
  }
  return byPath;
}

export function RuleBuilder(props: RuleBuilderProps) {
  const { value, onChange, inFlow = false, readOnly = false } = props;
  const { fields = NONE, segments = NONE, topics = NONE, flows = NONE, mails } = props;
  const { problems = NONE, events = NONE, triggerEvents = NONE } = props;
  const [open, setOpened] = useState<string | null>(null);
  const [dragged, setDragged] = useState<RulePath | null>(null);
  const id = useId();
  const setOpen = (next: string | null) => {
    if (next === null && open !== null) focusIfLost(`${id}-${open}`);
    setOpened(next);
  };
  const root = useMemo(() => drawable(value), [value]);
  const names = useMemo(
    () => ({ fields, segments, topics, flows, mails }),
    [fields, segments, topics, flows, mails],
  );
  const hints = useMemo(() => ruleHints(root, names), [root, names]);
  const wrapped = asRule(value) !== root && isCondition(asRule(value));

  const builder: Builder = {
    root,
    change: onChange,
    names,
    events,
    triggerEvents,
    inFlow,
    readOnly,
    open,
    setOpen,
    hints,
    problems: useMemo(() => problemsByPath(problems, wrapped), [problems, wrapped]),
    dragged,
    setDragged,
    id,
  };
  return (
    <BuilderContext.Provider value={builder}>
      <section aria-label="Rule">
        {root.type === 'not' && isGroup(root.rule) ? (
          <GroupBox rule={root.rule} path={[0]} negated />
        ) : (
          isGroup(root) && <GroupBox rule={root} path={[]} />
        )}
      </section>
    </BuilderContext.Provider>
  );
}
