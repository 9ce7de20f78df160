import type { Rule } from '@/api/types';
import { plural } from '@/ui/format';
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
      cases.length > 0 ? `Which of ${cases.map((each) => each.branch).join(', ')}?` : 'Which one?',
    sub: `${plural(cases.length, 'case')}, the first that is true`,
  };
}
