import { t } from '@lingui/core/macro';
import type { Rule } from '@/api/types';
import type { CardWords, Names } from '../kind';
import { ruleQuestion } from '../ruleWords';

export interface Config {
  rule?: Rule;
}

export function words(config: Config, names: Names): CardWords {
  return { title: ruleQuestion(config.rule, names), sub: t`yes or no` };
}
