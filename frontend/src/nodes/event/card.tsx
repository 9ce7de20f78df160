import type { JsonObject } from '@/api/types';
import { plural } from '@/ui/format';
import type { CardWords } from '../kind';

export interface Config {
  name?: string;
  where?: JsonObject[];
}

export function words(config: Config): CardWords {
  const count = config.where?.length ?? 0;
  return {
    title: config.name ? `Does “${config.name}”` : 'Does something',
    sub: count > 0 ? `Event · ${plural(count, 'condition')}` : 'Event',
  };
}
