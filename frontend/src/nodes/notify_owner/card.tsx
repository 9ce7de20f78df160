import { t } from '@lingui/core/macro';
import { liquidWords } from '@/model/liquid';
import type { CardWords } from '../kind';

export interface Config {
  text?: string;
}

export function words(config: Config): CardWords {
  const line = liquidWords(config.text ?? '');
  return {
    title: line ? t`Tell the sales rep “${line}”` : t`Tell the sales rep`,
    sub: t`E-mail to the sales rep`,
  };
}
