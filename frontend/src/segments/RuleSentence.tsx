/** A rule read aloud: one sentence, with what was chosen set in bold. */
import { t } from '@lingui/core/macro';
import { Fragment, memo, useDeferredValue, useMemo, useState } from 'react';
import type { JsonObject } from '@/api/types';
import { asRule, type Rule, type RuleNames } from '@/model/rule';
import { type Part, sentenceParts, spaceBetween } from '@/model/ruleSentence';
import classes from './Segment.module.css';

/** A longer sentence (in parts, a line has about ten) is folded to its beginning. */
const LONG = 90;

interface RuleSentenceProps {
  rule: Rule | JsonObject;
  names: RuleNames;
}

export function RuleSentence({ rule, names }: RuleSentenceProps) {
  // the sentence may come a moment after the keystroke, which a long one must not hold up
  const settled = useDeferredValue(rule);
  return <Said rule={settled} names={names} />;
}

const Said = memo(
  Sentence,
  (before, after) =>
    before.rule === after.rule &&
    (['fields', 'segments', 'topics', 'flows', 'mails', 'zone'] as const).every(
      (key) => before.names[key] === after.names[key],
    ),
);

function Sentence({ rule, names }: RuleSentenceProps) {
  const [whole, setWhole] = useState(false);
  const parts = useMemo(() => sentenceParts(asRule(rule), names), [rule, names]);
  const long = parts.length > LONG + 15;
  const folded = !whole && long;
  return (
    <p className={classes.sentence}>
      <Parts parts={folded ? parts.slice(0, LONG) : parts} />
      {long && (
        <>
          {folded ? ' … ' : ' '}
          <button type="button" aria-expanded={!folded} onClick={() => setWhole(folded)}>
            {folded ? t`Read it all` : t`Shorter`}
          </button>
        </>
      )}
    </p>
  );
}

function Parts({ parts }: { parts: readonly Part[] }) {
  return parts.map((part, i) => {
    const before = parts[i - 1];
    const gap = before && spaceBetween(before, part) ? ' ' : '';
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a part's place in the sentence is its name
      <Fragment key={i}>
        {gap}
        {part.missing ? (
          <em>{part.text}</em>
        ) : part.strong ? (
          <strong title={part.title}>{part.text}</strong>
        ) : (
          part.text
        )}
      </Fragment>
    );
  });
}
