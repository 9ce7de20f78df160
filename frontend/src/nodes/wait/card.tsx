import { durationWords } from '@/model/duration';
import type { CardWords } from '../kind';

export interface Config {
  for?: string;
}

export function words(config: Config): CardWords {
  const length = durationWords(config.for);
  return { title: length ? `Wait ${length}` : 'Wait', sub: 'from the arrival' };
}
