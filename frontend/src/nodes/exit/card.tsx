import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export interface Config {
  reason?: string;
}

export function words(config: Config): CardWords {
  return { title: config.reason ? t`Exit: ${config.reason}` : t`Exit`, sub: t`leaves the flow` };
}
