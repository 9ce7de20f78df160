import { t } from '@lingui/core/macro';
import { liquidWords } from '@/model/liquid';
import type { CardWords } from '../kind';

export interface Config {
  text?: string;
}

export function words(config: Config): CardWords {
  const line = liquidWords(config.text ?? '');
  return {
    title: line ? t`Tell Slack “${line}”` : t`Tell Slack`,
    sub: t`Slack · the workspace’s channel`,
  };
}
