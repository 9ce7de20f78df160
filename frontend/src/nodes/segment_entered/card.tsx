import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  segment?: string;
  /** Who is a member at publishing enters too. */
  include_existing?: boolean;
}

export function words(config: Config, names: Names): CardWords {
  const kind = names.segmentKind(config.segment);
  return {
    title: t`Enters ${names.segment(config.segment)}`,
    sub: [t`Segment`, kind, config.include_existing && t`members too`].filter(Boolean).join(' · '),
  };
}
