import { liquidWords } from '@/model/liquid';
import type { CardWords } from '../kind';

export interface Config {
  text?: string;
}

export function words(config: Config): CardWords {
  const line = liquidWords(config.text ?? '');
  return {
    title: line ? `Tell Slack “${line}”` : 'Tell Slack',
    sub: 'Slack · the workspace’s channel',
  };
}
