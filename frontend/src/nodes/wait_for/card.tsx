import type { Rule } from '@/api/types';
import { durationWords } from '@/model/duration';
import type { CardWords, Names } from '../kind';
import { ruleQuestion } from '../ruleWords';

export interface Config {
  rule?: Rule;
  timeout?: string;
}

export function words(config: Config, names: Names): CardWords {
  const limit = durationWords(config.timeout);
  return {
    title: `Wait for: ${ruleQuestion(config.rule, names).replace(/\?$/, '')}`,
    sub: limit ? `at most ${limit}` : 'until it is true',
  };
}
