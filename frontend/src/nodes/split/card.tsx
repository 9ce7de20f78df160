import { t } from '@lingui/core/macro';
import type { CardWords } from '../kind';

export interface Share {
  branch: string;
  weight: number;
}

export interface Config {
  branches?: Share[];
}

export function words(config: Config): CardWords {
  const shares = config.branches ?? [];
  return {
    title:
      shares.length > 0 ? t`Split ${shares.map((share) => share.weight).join(' / ')}` : t`Split`,
    sub: t`the same way for the same contact`,
  };
}
