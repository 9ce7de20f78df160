import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export type Config = Record<string, never>;

export function words(): CardWords {
  return { title: t`Goal`, sub: t`leaves as converted` };
}
