/** A rule read aloud: one sentence, with what was chosen set in bold. */
import { Fragment } from 'react';
import type { JsonObject } from '@/api/types';
import { asRule, type Rule, type RuleNames } from '@/model/rule';
import { sentenceParts, spaceBetween } from '@/model/ruleSentence';
import classes from './Segment.module.css';

export function RuleSentence({ rule, names }: { rule: Rule | JsonObject; names: RuleNames }) {
  const parts = sentenceParts(asRule(rule), names);
  return (
    <p className={classes.sentence}>
      {parts.map((part, i) => {
        const before = parts[i - 1];
        const gap = before && spaceBetween(before, part) ? ' ' : '';
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part's place in the sentence is its name
          <Fragment key={i}>
            {gap}
            {part.missing ? (
              <em>{part.text}</em>
            ) : part.strong ? (
              <strong>{part.text}</strong>
            ) : (
              part.text
            )}
          </Fragment>
        );
      })}
    </p>
  );
}
