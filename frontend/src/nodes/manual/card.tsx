import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export type Config = Record<string, never>;

export function words(): CardWords {
  return { title: t`Is added by hand`, sub: t`A person or the API adds contacts` };
}
