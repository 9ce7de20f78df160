import type { CardWords } from '../kind';

export type Config = Record<string, never>;

export function words(): CardWords {
  return { title: 'Added by hand', sub: 'A person or the API adds contacts' };
}
