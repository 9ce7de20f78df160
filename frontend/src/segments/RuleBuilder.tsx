/**
 * The rule builder: nested groups of conditions, each a sentence of chips that open their editors.
 *
 * It holds no rule of its own: `value` goes in, every change comes out at once by `onChange`; only
 * what undo needs is kept here. It fits a page and a panel of 320 px. `useRuleChoices` brings the
 * names it offers.
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { VisuallyHidden } from '@mantine/core';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { JsonObject } from '@/api/types';
import {
  asRule,
  countConditions,
  isCondition,
  isGroup,
  MAX_CONDITIONS,
  type Rule,
  type RuleNames,
} from '@/model/rule';
import { differsAt, pathKey } from '@/model/ruleEdit';
import { type Fault, faultsByPath, type RuleProblem } from '@/model/ruleFaults';
import { sizeFaults } from '@/model/ruleHints';
import { NO_HISTORY, type RuleHistory, recorded, redone, undone } from '@/model/ruleHistory';
import {
  type Builder,
  BuilderContext,
  builderStore,
  FaultsContext,
  focusIfLost,
} from './rule/context';
import { GroupBox } from './rule/GroupBox';
import { onRuleCopy, onRuleKey, onRulePaste } from './rule/keys';
import { hasGroups, RuleTools } from './rule/RuleTools';
import classes from './rule/rule.module.css';

export type { RuleProblem };

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

/** From so many conditions on the limit is spoken of. */
const NEAR = 0.8 * MAX_CONDITIONS;

/** The same list as long as it holds the same things: rows are drawn again when names change. */
function useSame<Item>(list: readonly Item[]): readonly Item[] {
  const [kept, setKept] = useState(list);
  const same = kept.length === list.length && kept.every((item, i) => item === list[i]);
  if (!same) setKept(list);
  return same ? kept : list;
}

function useNames(props: RuleBuilderProps): RuleNames {
  const fields = useSame(props.fields ?? NONE);
  const segments = useSame(props.segments ?? NONE);
  const topics = useSame(props.topics ?? NONE);
  const flows = useSame(props.flows ?? NONE);
  const mails = useSame(props.mails ?? NONE);
  const { zone } = props;
  return useMemo(
    () => ({ fields, segments, topics, flows, mails, zone }),
    [fields, segments, topics, flows, mails, zone],
  );
}

/** The rule as it is now, with changes that can be taken back. */
function useEdited(root: Rule, onChange: (rule: Rule) => void) {
  const present = useRef(root);
  const [history, setHistory] = useState<RuleHistory>(NO_HISTORY);
  const latest = useRef({ onChange, history });
  useLayoutEffect(() => {
    // a rule from elsewhere (another segment, a cancelled draft) begins anew
    if (present.current !== root) setHistory(NO_HISTORY);
    present.current = root;
    latest.current.onChange = onChange;
    latest.current.history = history;
  });
  const edit = useMemo(() => {
    const hand = (rule: Rule, next: RuleHistory) => {
      present.current = rule;
      latest.current.history = next;
      setHistory(next);
      latest.current.onChange(rule);
    };
    const turn = (turned: ReturnType<typeof undone>): boolean => {
      if (turned) hand(turned.rule, turned.history);
      return turned !== null;
    };
    return {
      root: () => present.current,
      change: (rule: Rule, mark?: string) => {
        const before = latest.current.history;
        hand(rule, recorded(before, present.current, mark ?? null, Date.now()));
      },
      undo: () => turn(undone(latest.current.history, present.current)),
      redo: () => turn(redone(latest.current.history, present.current)),
    };
  }, []);
  return { edit, canUndo: history.past.length > 0, canRedo: history.future.length > 0 };
}

/** The faults at their places: the same map as long as they say the same, for rows look at it. */
function useFaultsOf(root: Rule, problems: readonly RuleProblem[], wrapped: boolean) {
  const text = JSON.stringify([...faultsByPath(root, problems, wrapped)]);
  return useMemo(() => new Map(JSON.parse(text) as [string, readonly Fault[]][]), [text]);
}

export function RuleBuilder(props: RuleBuilderProps) {
  const { value, onChange, inFlow = false, readOnly = false, problems = NONE } = props;
  const events = useSame(props.events ?? NONE);
  const triggerEvents = useSame(props.triggerEvents ?? NONE);
  const names = useNames(props);
  const id = useId();
  const [store] = useState(builderStore);
  const root = useMemo(() => drawable(value), [value]);
  const { edit, canUndo, canRedo } = useEdited(root, onChange);
  const wrapped = asRule(value) !== root && isCondition(asRule(value));
  const faults = useFaultsOf(root, problems, wrapped);

  const builder = useMemo((): Builder => {
    const say = (said: string) => store.setState({ said });
    const turn = (does: () => boolean, done: string, none: string) => {
      const before = edit.root();
      store.setState({ open: null });
      say(does() ? done : none);
      // the row that had the focus may be gone: it goes to what came back
      focusIfLost(`${id}-${pathKey(differsAt(before, edit.root()))}-grip`, `${id}-root:add`);
    };
    return {
      store,
      root: edit.root,
      change: edit.change,
      undo: () => turn(edit.undo, t`Undone.`, t`There is nothing to undo.`),
      redo: () => turn(edit.redo, t`Done again.`, t`There is nothing to do again.`),
      setOpen: (open) => {
        const before = store.getState().open;
        store.setState({ open });
        if (open === null && before !== null) focusIfLost(`${id}-${before}`);
      },
      say,
      names,
      events,
      triggerEvents,
      inFlow,
      readOnly,
      id,
    };
  }, [store, edit, names, events, triggerEvents, inFlow, readOnly, id]);

  const count = countConditions(root);
  useEffect(() => {
    store.setState({
      full:
        count < MAX_CONDITIONS
          ? null
          : t`A rule may have ${MAX_CONDITIONS} conditions at most. Say the same with fewer, or put some into a segment of their own.`,
    });
  }, [store, count]);
  const canFold = useMemo(() => hasGroups(root), [root]);
  const tools = useMemo(
    () => <RuleTools canUndo={canUndo} canRedo={canRedo} canFold={canFold} />,
    [canUndo, canRedo, canFold],
  );

  return (
    <BuilderContext.Provider value={builder}>
      <FaultsContext.Provider value={faults}>
        <section
          aria-label={t`Rule`}
          data-rule-builder
          onKeyDown={(event) => onRuleKey(builder, event)}
          onCopy={(event) => onRuleCopy(builder, event, false)}
          onCut={(event) => onRuleCopy(builder, event, true)}
          onPaste={(event) => onRulePaste(builder, event)}
        >
          {root.type === 'not' && isGroup(root.rule) ? (
            <GroupBox rule={root.rule} path={[0]} negated tools={tools} />
          ) : (
            isGroup(root) && <GroupBox rule={root} path={[]} tools={tools} />
          )}
          <Limits root={root} count={count} />
          <Announcer store={store} id={id} />
        </section>
      </FaultsContext.Provider>
    </BuilderContext.Provider>
  );
}

/** What the limits are, before they are hit, and what is beyond them. */
function Limits({ root, count }: { root: Rule; count: number }) {
  const faults = sizeFaults(root);
  if (faults.length === 0 && count < NEAR) return null;
  return (
    <p className={classes.limits} data-bad={faults.length > 0 || undefined}>
      <strong>
        <Trans>
          {count} of {MAX_CONDITIONS} conditions.
        </Trans>
      </strong>{' '}
      {faults.length > 0
        ? faults.join(' ')
        : t`Many conditions that belong together can be a segment of their own, and one condition here.`}
    </p>
  );
}

function Announcer({ store, id }: { store: Builder['store']; id: string }) {
  const said = useStore(store, (state) => state.said);
  return (
    <VisuallyHidden>
      <span id={`${id}-how`}>
        <Trans>
          Drag it, or press Alt with the arrow keys: up and down within its group, right into the
          group beside it, left out of its group.
        </Trans>
      </span>
      <span role="status" aria-live="polite">
        {said}
      </span>
    </VisuallyHidden>
  );
}
