import { t } from '@lingui/core/macro';
import { durationWords } from '@/model/duration';
import type { CardWords, Names } from '../kind';

export interface Config {
  field?: string;
  /** Negative: before the date. */
  offset?: string;
  repeat?: 'never' | 'yearly';
}

export function words(config: Config, names: Names): CardWords {
  const field = config.field ? names.field(config.field) : t`a date`;
  const length = durationWords(config.offset);
  const before = config.offset?.startsWith('-');
  const yearly = config.repeat === 'yearly';
  return {
    title: length
      ? before
        ? t`Reaches ${length} before ${field}`
        : t`Reaches ${length} after ${field}`
      : t`Reaches ${field}`,
    sub: yearly ? t`Date · every year on that day` : t`Date · once`,
  };
}
