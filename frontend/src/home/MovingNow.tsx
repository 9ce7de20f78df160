/** How many people are inside flows, and how fast they move just now. */
import { t } from '@lingui/core/macro';
import { Skeleton } from '@mantine/core';
import { number } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import type { Home } from './useHome';

export function MovingNow({ now }: { now: Home['now'] | undefined }) {
  if (!now) return <Skeleton height={72} radius={12} />;
  return (
    <KeyNumbers>
      <KeyNumber value={now.inside} label={t`inside flows now`} tone="accent" />
      <KeyNumber
        value={number(Math.round(now.moving_per_minute))}
        label={t`steps taken per minute`}
      />
      <KeyNumber value={now.events_per_minute} label={t`events per minute`} />
    </KeyNumbers>
  );
}
