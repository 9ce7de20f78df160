import { t } from '@lingui/core/macro';
import { instantWords } from '@/model/ruleWords';
import type { CardWords, Names } from '../kind';

export interface Config {
  segments?: string[];
  exclude?: string[];
  /** An instant; at publishing where it is absent. */
  at?: string | null;
}

/** "A", "A or B", "A, B or 3 others". */
function either(names: string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  if (names.length === 2) return names.join(' or ');
  return names.length === 3
    ? `${names[0]}, ${names[1]} or ${names[2]}`
    : `${names[0]}, ${names[1]} or ${names.length - 2} others`;
}

export function words(config: Config, names: Names): CardWords {
  const segments = (config.segments ?? []).map((key) => names.segment(key));
  const exclude = (config.exclude ?? []).map((key) => names.segment(key));
  return {
    title: segments.length > 0 ? t`Is in ${either(segments)}` : t`Is in a segment`,
    sub: [
      config.at ? `Once, ${instantWords(config.at)}` : t`Once, at publishing`,
      exclude.length > 0 && t`without ${either(exclude)}`,
    ]
      .filter(Boolean)
      .join(' · '),
  };
}
