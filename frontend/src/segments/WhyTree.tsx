/** A rule as a tree for one contact: what is true, what each condition saw, and what time will do. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Switch } from '@mantine/core';
import { IconCheck, IconClock, IconX } from '@tabler/icons-react';
import { Fragment, useMemo, useState } from 'react';
import type { RuleNames } from '@/model/rule';
import { conditionParts, type Part, spaceBetween } from '@/model/ruleSentence';
import {
  conditionOf,
  type Explained,
  groupWords,
  seenWords,
  tally,
  type WhyNode,
  whyTree,
} from '@/model/ruleWhy';
import { exactInstant } from '@/ui/format';
import { useRuleChoices } from './useRuleChoices';
import classes from './WhyDialog.module.css';

/** A tree of more conditions than this begins with what decides alone. */
const MANY = 12;

export function WhyTree({ tree }: { tree: Explained }) {
  const names = useRuleChoices();
  const root = useMemo(() => whyTree(tree), [tree]);
  const count = useMemo(() => tally(tree), [tree]);
  const [only, setOnly] = useState(count.all > MANY);
  return (
    <>
      <div className={classes.summary}>
        <span>
          <Trans>
            {count.true} of {count.all} {count.all === 1 ? t`condition is` : t`conditions are`} true
          </Trans>
        </span>
        {count.all > 2 && (
          <Switch
            size="xs"
            label={t`Only what decides`}
            checked={only}
            onChange={(event) => setOnly(event.currentTarget.checked)}
          />
        )}
      </div>
      <ul className={classes.tree}>
        <Node at={root} names={names} only={only} />
      </ul>
    </>
  );
}

interface NodeProps {
  at: WhyNode;
  names: RuleNames;
  only: boolean;
}

function Node({ at, names, only }: NodeProps) {
  const { node, decides, inner } = at;
  const shown = only ? inner.filter((each) => each.decides) : inner;
  const hidden = inner.length - shown.length;
  const condition = inner.length === 0 ? conditionOf(node) : null;
  const seen = condition && seenWords(node);
  return (
    <li className={classes.node} data-true={node.is_true} data-decides={decides}>
      <span className={classes.mark}>
        {node.is_true ? (
          <IconCheck size={14} aria-label={t`true`} />
        ) : (
          <IconX size={14} aria-label={t`false`} />
        )}
      </span>
      <div className={classes.words}>
        {condition ? (
          <Words parts={conditionParts(condition, names)} />
        ) : (
          <span className={classes.group}>{groupWords(node)}</span>
        )}
        {seen && (
          <small>
            <Trans>
              saw <b>{seen}</b>
            </Trans>
          </small>
        )}
        {condition && <Until node={node} />}
        {shown.length > 0 && (
          <ul className={classes.tree}>
            {shown.map((each, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a rule's place is its identity
              <Node key={i} at={each} names={names} only={only} />
            ))}
          </ul>
        )}
        {hidden > 0 && (
          <small>
            <Trans>
              {hidden} more {hidden === 1 ? t`does` : t`do`} not matter here
            </Trans>
          </small>
        )}
      </div>
    </li>
  );
}

function Words({ parts }: { parts: readonly Part[] }) {
  return (
    <span>
      {parts.map((part, i) => {
        const before = parts[i - 1];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part's place in the sentence is its name
          <Fragment key={i}>
            {before && spaceBetween(before, part) ? ' ' : ''}
            {part.strong ? <strong title={part.title}>{part.text}</strong> : part.text}
          </Fragment>
        );
      })}
    </span>
  );
}

/** "turns false in 2 days 4 hours, when Order Completed of 14 May passes 7 days". */
function Until({ node }: { node: Explained }) {
  if (!node.until) return null;
  return (
    <small className={classes.until} title={exactInstant(node.until)}>
      <IconClock size={12} aria-hidden />
      <time dateTime={node.until}>
        {node.until_words ?? t`changes on ${exactInstant(node.until)}`}
      </time>
    </small>
  );
}
