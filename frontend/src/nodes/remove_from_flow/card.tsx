import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  flow?: string;
}

export function words(config: Config, names: Names): CardWords {
  return { title: t`Take out of ${names.flow(config.flow)}`, sub: t`Flow` };
}
