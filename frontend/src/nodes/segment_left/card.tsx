import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  segment?: string;
}

export function words(config: Config, names: Names): CardWords {
  const kind = names.segmentKind(config.segment);
  return {
    title: t`Leaves ${names.segment(config.segment)}`,
    sub: [t`Segment`, kind].filter(Boolean).join(' · '),
  };
}
