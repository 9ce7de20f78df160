import { t } from '@lingui/core/macro';
import type { Rule } from '@/api/types';
import { durationWords } from '@/model/duration';
import type { CardWords, Names } from '../kind';
import { asks, ruleQuestion } from '../ruleWords';

export interface Config {
  rule?: Rule;
  timeout?: string;
}

export function words(config: Config, names: Names): CardWords {
  const limit = durationWords(config.timeout);
  const question = ruleQuestion(config.rule, names);
  return {
    title: asks(config.rule) ? t`Wait for: ${question.replace(/\?$/, '')}` : t`Wait for something`,
    sub: limit ? t`at most ${limit}` : t`until it is true`,
  };
}
