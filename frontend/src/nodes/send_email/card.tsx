import { t } from '@lingui/core/macro';
import type { CardWords, Names } from '../kind';

export interface Config {
  template?: string;
  topic?: string;
  from?: string;
  subject?: string;
}

export function words(config: Config, names: Names): CardWords {
  return {
    title: config.template ? t`Send “${names.template(config.template)}”` : t`Send an e-mail`,
    sub: config.topic ? t`Topic ${names.topic(config.topic).toLowerCase()}` : t`E-mail`,
  };
}
