/** What a new segment can begin with: rules that most shops want first. */
import { t } from '@lingui/core/macro';
import type { Rule } from '@/model/rule';
import type { Top } from './types';

export interface Starter {
  key: string;
  name: string;
  says: string;
  rule: Rule;
  top?: Top;
}

export const STARTERS: readonly Starter[] = [
  {
    key: 'bought',
    name: t`Bought in the last 30 days`,
    says: t`Thank them, and leave them out of offers.`,
    rule: {
      type: 'all',
      rules: [
        {
          type: 'event',
          name: 'Order Completed',
          window: { last: 'P30D' },
          measure: 'count',
          op: 'gte',
          value: 1,
        },
      ],
    },
  },
  {
    key: 'cart',
    name: t`Left a cart`,
    says: t`Put something in, and did not buy within 3 days.`,
    rule: {
      type: 'all',
      rules: [
        {
          type: 'event',
          name: 'Product Added',
          window: { last: 'P3D', older_than: 'PT1H' },
          measure: 'count',
          op: 'gte',
          value: 1,
          not_followed_by: { name: 'Order Completed' },
        },
      ],
    },
  },
  {
    key: 'quiet',
    name: t`Quiet for 60 days`,
    says: t`No activity at all: win them back, or let them rest.`,
    rule: {
      type: 'all',
      rules: [
        {
          type: 'event',
          name: '*',
          window: { last: 'P60D' },
          measure: 'count',
          op: 'eq',
          value: 0,
        },
      ],
    },
  },
  {
    key: 'best',
    name: t`Top 100 by score`,
    says: t`Always the hundred warmest, refreshed by itself.`,
    rule: { type: 'all', rules: [{ type: 'field', field: 'score', op: 'gt', value: 0 }] },
    top: { by: 'score', limit: 100, refresh_every: 'PT5M' },
  },
];
