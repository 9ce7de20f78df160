import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  segment?: string;
}

export function words(config: Config, names: Names): CardWords {
  return {
    title: t`Add to ${names.segment(config.segment)}`,
    sub: [t`Segment`, names.segmentKind(config.segment)].filter(Boolean).join(' · '),
  };
}
