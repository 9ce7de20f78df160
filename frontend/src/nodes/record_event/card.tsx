import type { Json } from '@/api/types';
import type { CardWords } from '../kind';

export interface Config {
  name?: string;
  properties?: Record<string, Json>;
}

export function words(config: Config): CardWords {
  return { title: config.name ? `Record “${config.name}”` : 'Record an event', sub: 'Event' };
}
