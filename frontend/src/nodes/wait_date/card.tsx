import { t } from '@lingui/core/macro';
import { durationWords } from '@/model/duration';
import type { CardWords, Names } from '../kind';

export interface Config {
  field?: string;
  offset?: string;
}

export function words(config: Config, names: Names): CardWords {
  const length = durationWords(config.offset);
  const field = config.field ? names.field(config.field) : t`a date`;
  const before = config.offset?.startsWith('-');
  return {
    title: length
      ? before
        ? t`Wait until ${length} before ${field}`
        : t`Wait until ${length} after ${field}`
      : t`Wait until ${field}`,
    sub: t`at once if it has passed`,
  };
}
