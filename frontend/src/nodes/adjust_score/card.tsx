import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export interface Config {
  by?: number;
}

export function words(config: Config): CardWords {
  const by = config.by ?? 0;
  if (by === 0) return { title: t`Adjust the score`, sub: t`Score` };
  return {
    title: t`${by > 0 ? 'Add' : 'Take'} ${Math.abs(by)} ${by > 0 ? 'to' : 'from'} the score`,
    sub: t`Score`,
  };
}
