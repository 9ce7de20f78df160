import { plural, t } from '@lingui/core/macro';
import type { JsonObject } from '@/api/types';
import type { CardWords } from '../kind';

export interface Config {
  name?: string;
  where?: JsonObject[];
}

export function words(config: Config): CardWords {
  const count = config.where?.length ?? 0;
  return {
    title: config.name ? t`Does “${config.name}”` : t`Does something`,
    sub:
      count > 0
        ? t`Event · ${plural(count, { one: '# condition', other: '# conditions' })}`
        : t`Event`,
  };
}
