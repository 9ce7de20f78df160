import { plural, t } from '@lingui/core/macro';
import type { Rule } from '@/api/types';
import type { CardWords } from '../kind';

export interface Case {
  branch: string;
  rule: Rule;
}

export interface Config {
  cases?: Case[];
}

export function words(config: Config): CardWords {
  const cases = config.cases ?? [];
  return {
    title:
      cases.length > 0
        ? t`Which of ${cases.map((each) => each.branch).join(', ')}?`
        : t`Which one?`,
    sub: t`${plural(cases.length, { one: '# case', other: '# cases' })}, the first that is true`,
  };
}
