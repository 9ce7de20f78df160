/** The tab "Rule": what kind of segment, the rule in a sentence, the rule to build. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Textarea } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { isCondition, isGroup, type Rule } from '@/model/rule';
import { innerRules } from '@/model/ruleEdit';
import { BuildProgress } from './BuildProgress';
import { byHandAlone, type SegmentDraft } from './draft';
import { KindCards } from './kinds';
import { OwnerPicker } from './owners';
import { RuleBuilder, type RuleProblem } from './RuleBuilder';
import { RuleSentence } from './RuleSentence';
import classes from './Segment.module.css';
import { TopSettings } from './TopSettings';
import type { Segment } from './types';
import type { RuleChoices } from './useRuleChoices';

interface SegmentRuleProps {
  draft: SegmentDraft;
  change: (part: Partial<SegmentDraft>) => void;
  segment: Segment | null;
  choices: RuleChoices;
  readOnly: boolean;
  problems: readonly RuleProblem[];
}

/** Whether time alone can change whom the rule chooses. */
function followsTime(rule: Rule): boolean {
  if (isGroup(rule) || rule.type === 'not') return innerRules(rule).some(followsTime);
  if (!isCondition(rule)) return false;
  if (rule.type === 'event') {
    const { last, older_than: older, calendar } = rule.window ?? {};
    return Boolean(last || older || calendar || rule.not_followed_by?.within);
  }
  if (rule.type === 'score_change') return Boolean(rule.window);
  if (rule.type !== 'field') return false;
  return Boolean(rule.for) || ['in_last', 'older_than', 'in_next', 'beyond'].includes(rule.op);
}

export function SegmentRule(props: SegmentRuleProps) {
  const { draft, change, segment, choices, readOnly, problems } = props;
  return (
    <div className={classes.column}>
      {segment && <BuildProgress segment={segment} />}
      <KindCards value={draft.kind} disabled={readOnly} onChange={(kind) => change({ kind })} />
      {byHandAlone(draft) ? (
        <p className={classes.sentence}>
          <Trans>
            Filled <strong>by hand</strong> alone, unless you choose a condition.
          </Trans>
        </p>
      ) : (
        <RuleSentence rule={draft.rule} names={choices} />
      )}
      <RuleBuilder
        {...choices}
        segments={choices.segments.filter((each) => each.key !== segment?.key)}
        value={draft.rule}
        onChange={(rule) => change({ rule })}
        readOnly={readOnly}
        problems={problems}
      />
      {draft.kind === 'dynamic' && followsTime(draft.rule) && (
        <p className={classes.hint}>
          <Trans>
            <IconClock size={14} aria-hidden /> People join and leave by time alone too: this rule
            looks at how long ago things were.
          </Trans>
        </p>
      )}
      {!byHandAlone(draft) && (
        <TopSettings
          value={draft.top}
          onChange={(top) => change({ top })}
          fields={choices.fields}
          readOnly={readOnly}
        />
      )}
      <Textarea
        label={t`Description`}
        placeholder={readOnly ? t`None` : t`What this segment is for, for those who come after you`}
        size="xs"
        autosize
        minRows={2}
        maw={640}
        maxLength={2000}
        readOnly={readOnly}
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <OwnerPicker
        value={draft.owner}
        readOnly={readOnly}
        onChange={(owner) => change({ owner })}
      />
    </div>
  );
}
