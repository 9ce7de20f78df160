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
  if (names.length === 2) return t`${names[0] ?? ''} or ${names[1] ?? ''}`;
  const shown = names.slice(0, 2).join(', ');
  return names.length === 3
    ? t`${shown} or ${names[2] ?? ''}`
    : t`${shown} or ${names.length - 2} others`;
}

export function words(config: Config, names: Names): CardWords {
  const segments = (config.segments ?? []).map((key) => names.segment(key));
  const exclude = (config.exclude ?? []).map((key) => names.segment(key));
  return {
    title: segments.length > 0 ? t`Is in ${either(segments)}` : t`Is in a segment`,
    sub: [
      config.at ? t`Once, ${instantWords(config.at)}` : t`Once, at publishing`,
      exclude.length > 0 && t`without ${either(exclude)}`,
    ]
      .filter(Boolean)
      .join(' · '),
  };
}
