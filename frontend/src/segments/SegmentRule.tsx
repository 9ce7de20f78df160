/** The tab "Rule": what kind of segment, the rule in a sentence, the rule to build. */
import { Progress, Textarea } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { get, url } from '@/api/client';
import type { Segment } from '@/api/types';
import { isCondition, isGroup, type Rule } from '@/model/rule';
import { innerRules } from '@/model/ruleEdit';
import type { Job } from '@/settings/types';
import { number } from '@/ui/format';
import { KindCards } from './kinds';
import { RuleBuilder, type RuleProblem } from './RuleBuilder';
import { RuleSentence } from './RuleSentence';
import classes from './Segment.module.css';
import type { SegmentDraft } from './SegmentEditor';
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
      {segment?.status === 'building' && <Building segment={segment} />}
      <KindCards value={draft.kind} disabled={readOnly} onChange={(kind) => change({ kind })} />
      {draft.kind === 'static' && isGroup(draft.rule) && draft.rule.rules.length === 0 ? (
        <p className={classes.sentence}>
          Filled <strong>by hand</strong> alone, unless you choose a condition.
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
          <IconClock size={14} aria-hidden /> People join and leave by time alone too: this rule
          looks at how long ago things were.
        </p>
      )}
      <Textarea
        label="Description"
        placeholder={readOnly ? 'None' : 'What this segment is for, for those who come after you'}
        size="xs"
        autosize
        minRows={2}
        maw={640}
        maxLength={2000}
        readOnly={readOnly}
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
    </div>
  );
}

function Building({ segment }: { segment: Segment }) {
  const { data: job } = useQuery({
    queryKey: ['jobs', segment.job],
    queryFn: () => get<Job>(url`/api/jobs/${segment.job ?? ''}/`),
    enabled: Boolean(segment.job),
    refetchInterval: 1_000,
  });
  const share = job?.total ? (100 * job.done) / job.total : null;
  return (
    <div className={classes.building} role="status">
      <div>
        <strong>Being built</strong>
        <span>
          {job?.total
            ? `${number(job.done)} of ${number(job.total)} looked at`
            : 'It will be ready in a moment. You can leave this page.'}
        </span>
      </div>
      <Progress value={share ?? 100} animated={share === null} size={6} aria-label="Building" />
    </div>
  );
}
