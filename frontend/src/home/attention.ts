/** What a person should look at: the server's alerts, and what else is set aside. Pure. */
import { plural, t } from '@lingui/core/macro';
import type { Alert, Health } from '@/api/types';

export interface Concern {
  id: string;
  tone: 'bad' | 'warn';
  title: string;
  text: string;
  /** Where it is seen and mended: an address of this site. */
  to: string;
  /** The instant since which it has been so. */
  since: string | null;
}

const fromAlert = (alert: Alert): Concern => ({
  id: [alert.kind, alert.flow, alert.node, alert.title].filter(Boolean).join(' '),
  tone: alert.severity === 'error' ? 'bad' : 'warn',
  title: alert.title,
  text: alert.detail,
  to: /^\/(?!\/)/.test(alert.to) ? alert.to : '/',
  since: alert.since,
});

/** That nothing runs at all is known at once; that it lags is the server's to say. */
function standstill({ engine }: Health): Concern[] {
  if (engine.workers > 0) return [];
  return [
    {
      id: 'engine',
      tone: 'bad',
      title: t`The engine does not run`,
      text: t`Nobody moves in any flow until it is started.`,
      to: '/settings?tab=jobs',
      since: null,
    },
  ];
}

export function concernsOf(seen: {
  alerts: readonly Alert[];
  health: Health | undefined;
  rejected: { count: number; more: boolean };
  warnedFields: number;
}): Concern[] {
  const { alerts, health, rejected, warnedFields } = seen;
  const stopped = health ? standstill(health) : [];
  const concerns = [
    ...stopped,
    ...alerts.filter(({ kind }) => kind !== 'engine_lag' || stopped.length === 0).map(fromAlert),
  ];
  if (rejected.count > 0) {
    const messages = plural(rejected.count, { one: '# message', other: '# messages' });
    concerns.push({
      id: 'rejected',
      tone: 'warn',
      title: t`${rejected.more ? t`More than ${messages}` : messages} from sources set aside`,
      text: t`They could not be understood. Mend and retry, or discard them.`,
      to: '/settings?tab=rejected',
      since: null,
    });
  }
  if (warnedFields > 0) {
    concerns.push({
      id: 'fields',
      tone: 'warn',
      title: t`${plural(warnedFields, { one: '# field', other: '# fields' })} got values of another type`,
      text: t`These values were left out.`,
      to: '/settings?tab=fields',
      since: null,
    });
  }
  return concerns;
}
