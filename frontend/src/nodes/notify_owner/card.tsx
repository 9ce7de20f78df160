import { liquidWords } from '@/model/liquid';
import type { CardWords } from '../kind';

export interface Config {
  text?: string;
}

export function words(config: Config): CardWords {
  const line = liquidWords(config.text ?? '');
  return {
    title: line ? `Tell the owner “${line}”` : 'Tell the owner',
    sub: 'E-mail to the sales rep',
  };
}
