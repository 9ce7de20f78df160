/** A rule as a question, short enough for a card. */
import { t } from '@lingui/core/macro';
import type { Rule as RuleJson } from '@/api/types';
import { asRule, type FlowEmailCondition, isCondition, isGroup, type Rule } from '@/model/rule';
import { conditionParts, partsText, sentenceParts } from '@/model/ruleSentence';
import type { Names } from './kind';

const MAIL_QUESTIONS: Record<FlowEmailCondition['op'], (mail: string) => string> = {
  sent: (mail) => t`Was sent ${mail}?`,
  delivered: (mail) => t`Received ${mail}?`,
  opened: (mail) => t`Opened ${mail}?`,
  clicked: (mail) => t`Clicked ${mail}?`,
  bounced: (mail) => t`Bounced: ${mail}?`,
  replied: (mail) => t`Replied to ${mail}?`,
};

const mailName = (node: string, names: Names): string => {
  const mail = names.mails?.find((each) => each.key === node);
  return mail ? `“${mail.name}”` : t`an e-mail`;
};

/** False for a rule in which nothing has been chosen yet. */
export function asks(value: RuleJson | null | undefined): boolean {
  const rule = lone(asRule(value));
  return !isGroup(rule) || rule.rules.length > 0;
}

/** "Did Order Completed at least once?"; a group of several conditions is asked as "Who …?". */
export function ruleQuestion(value: RuleJson | null | undefined, names: Names): string {
  const rule = lone(asRule(value));
  if (rule.type === 'flow_email') return MAIL_QUESTIONS[rule.op](mailName(rule.node, names));
  if (!asks(value)) return t`Is it true?`;
  const text = isCondition(rule)
    ? partsText(conditionParts(rule, names, 'row'))
    : partsText(sentenceParts(rule, names).slice(isGroup(rule) ? 1 : 0));
  const bare = text.replace(/[.\s]+$/, '');
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}?`;
}

/** A group of one is its only rule. */
function lone(rule: Rule): Rule {
  const [only] = isGroup(rule) ? rule.rules : [];
  return isGroup(rule) && rule.rules.length === 1 && only ? lone(only) : rule;
}
