import { t } from '@lingui/core/macro';
import type { Json } from '@/api/types';
import type { CardWords } from '../kind';

export interface Config {
  name?: string;
  properties?: Record<string, Json>;
}

export function words(config: Config): CardWords {
  return { title: config.name ? t`Record “${config.name}”` : t`Record an event`, sub: t`Event` };
}
