import type { CardWords } from '../kind';

export interface Config {
  text?: string;
}

export function words(config: Config): CardWords {
  const [line = ''] = (config.text ?? '').trim().split('\n');
  return {
    title: line ? `Tell the owner “${line}”` : 'Tell the owner',
    sub: 'E-mail to the sales rep',
  };
}
