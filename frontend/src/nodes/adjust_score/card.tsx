import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export interface Config {
  by?: number;
}

export function words(config: Config): CardWords {
  const by = config.by ?? 0;
  if (by === 0) return { title: t`Adjust the score`, sub: t`Score` };
  return {
    title: by > 0 ? t`Add ${by} to the score` : t`Take ${-by} from the score`,
    sub: t`Score`,
  };
}
