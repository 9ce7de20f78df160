import type { CardWords } from '../kind';

export interface Config {
  reason?: string;
}

export function words(config: Config): CardWords {
  return { title: config.reason ? `Exit: ${config.reason}` : 'Exit', sub: 'leaves the flow' };
}
