import type { CardWords } from '../kind';

export type Config = Record<string, never>;

export function words(): CardWords {
  return { title: 'Goal', sub: 'leaves as converted' };
}
