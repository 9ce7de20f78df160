import { t } from '@lingui/core/macro';
import type { Json } from '@/api/types';
import type { CardWords, Names } from '../kind';

export interface Config {
  set?: Record<string, Json>;
  unset?: string[];
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function words(config: Config, names: Names): CardWords {
  const set = Object.entries(config.set ?? {});
  const parts = [
    ...set.map(([key, value]) => t`${names.field(key)} to ${textOf(value) || t`nothing`}`),
  ];
  const erased = (config.unset ?? []).map((key) => names.field(key));
  const title = [
    parts.length > 0 && t`Set ${parts.join(', ')}`,
    erased.length > 0 &&
      (parts.length > 0 ? t`erase ${erased.join(', ')}` : t`Erase ${erased.join(', ')}`),
  ].filter(Boolean);
  return { title: title.join('; ') || t`Update fields`, sub: t`Fields of the contact` };
}
