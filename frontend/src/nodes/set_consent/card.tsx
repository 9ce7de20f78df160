import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  topic?: string;
  state?: 'subscribed' | 'unsubscribed';
}

export function words(config: Config, names: Names): CardWords {
  const verb = config.state === 'unsubscribed' ? t`Unsubscribe from` : t`Subscribe to`;
  return {
    title: `${verb} ${config.topic ? names.topic(config.topic) : t`a topic`}`,
    sub: t`Consent`,
  };
}
