/** What periods and kinds of heat are called. */
import { t } from '@lingui/core/macro';
import type { RangeName } from '@/model/course';
import type { HeatBy } from '@/model/heat';

export const RANGE_WORDS: Record<RangeName, string> = {
  all: t`Since the beginning`,
  '1h': t`Last hour`,
  '24h': t`Last 24 hours`,
  '7d': t`Last 7 days`,
  '30d': t`Last 30 days`,
};

export const HEAT_WORDS: Record<HeatBy, string> = {
  traffic: t`By traffic`,
  waiting: t`By people waiting`,
};

/** What a line on a card shows, for who points at it. */
export const LINE_WORDS: Record<RangeName, string> = {
  all: t`Arrivals in the last 24 hours`,
  '1h': t`Arrivals in the last hour`,
  '24h': t`Arrivals in the last 24 hours`,
  '7d': t`Arrivals in the last 7 days`,
  '30d': t`Arrivals in the last 30 days`,
};

/** What the number of arrivals counts. */
export const ARRIVED_WORDS: Record<RangeName, string> = {
  all: t`Arrived in all`,
  '1h': t`Arrived in the last hour`,
  '24h': t`Arrived in the last 24 hours`,
  '7d': t`Arrived in the last 7 days`,
  '30d': t`Arrived in the last 30 days`,
};
