import { t } from '@lingui/core/macro';
import { durationWords } from '@/model/duration';
import type { CardWords } from '../kind';

export interface Config {
  for?: string;
}

export function words(config: Config): CardWords {
  const length = durationWords(config.for);
  return { title: length ? t`Wait ${length}` : t`Wait`, sub: t`from the arrival` };
}
