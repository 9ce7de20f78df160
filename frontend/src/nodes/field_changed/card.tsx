import { t } from '@lingui/core/macro';
import type { Json } from '@/api/types';
import { oneValue } from '@/model/ruleWords';
import type { CardWords, Names } from '../kind';

export interface Config {
  field?: string;
  /** Only a change to this value counts; any change where it is absent. */
  to?: Json;
}

export function words(config: Config, names: Names): CardWords {
  if (!config.field) return { title: t`Has a field changed`, sub: t`Field` };
  const field = names.field(config.field);
  const type = names.fields.find((each) => each.key === config.field)?.type ?? 'string';
  const to = config.to === undefined || config.to === null ? '' : oneValue(config.to, type);
  return to
    ? { title: t`Gets ${field} “${to}”`, sub: t`Field · changed to this value` }
    : { title: t`Gets a new ${field}`, sub: t`Field · any change` };
}
