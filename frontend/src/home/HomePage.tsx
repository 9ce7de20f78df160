/** What needs attention, what runs, and who moves now. */
import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { useFields, useMe } from '@/api/queries';
import type { Alert, CursorPage, Health } from '@/api/types';
import type { MessageRow } from '@/messages/types';
import type { RejectedMessage } from '@/settings/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { StatusBadge } from '@/ui/StatusBadge';
import { Attention } from './Attention';
import { concernsOf } from './attention';
import { FirstSteps } from './FirstSteps';
import classes from './Home.module.css';
import { LastDays } from './LastDays';
import { Latest } from './Latest';
import { MovingNow } from './MovingNow';
import { Running } from './Running';
import { useHome } from './useHome';

const POLL = 5_000;

function useSome<T>(key: string, path: `/${string}`, query: Record<string, string | number>) {
  return useQuery({
    queryKey: ['home', key],
    queryFn: () => get<CursorPage<T>>(path, query),
    refetchInterval: POLL,
  });
}

const counted = (page: CursorPage<unknown> | undefined) => ({
  count: page?.results.length ?? 0,
  more: Boolean(page?.next),
});

export function HomePage() {
  const { data: me } = useMe();
  const { data: home, error } = useHome(POLL);
  const { data: health } = useQuery({
    queryKey: ['health'],
    queryFn: () => get<Health>('/api/health/'),
    refetchInterval: POLL,
  });
  const { data: rejected } = useSome<RejectedMessage>('rejected', '/api/rejected/', { limit: 50 });
  const { data: alerts } = useQuery({
    queryKey: ['alerts'],
    queryFn: () => get<Alert[]>('/api/alerts/'),
    refetchInterval: POLL,
  });
  const { data: latest } = useSome<MessageRow>('latest', '/api/messages/', { limit: 8 });
  const { data: fields = [] } = useFields();
  const concerns = concernsOf({
    alerts: alerts ?? [],
    health,
    rejected: counted(rejected),
    warnedFields: fields.filter((field) => field.warnings > 0).length,
  });
  const fresh = home?.running.length === 0;

  return (
    <Page
      title={t`Home`}
      badge={concerns.length === 0 && <HealthBadge health={health} />}
      aside={<Latest messages={latest?.results} />}
      asideLabel={t`Latest messages`}
    >
      <div className={classes.column}>
        <h2 className={classes.hello}>{me?.workspace.name}</h2>
        <Attention concerns={concerns} known={alerts !== undefined && health !== undefined} />
        {error && !home && (
          <EmptyState compact title={t`This cannot be shown`} text={error.message} />
        )}
        {fresh ? (
          <FirstSteps />
        ) : (
          (home || !error) && (
            <>
              <MovingNow now={home?.now} />
              <Running flows={home?.running} />
            </>
          )
        )}
        {home && <LastDays home={home} />}
      </div>
    </Page>
  );
}

function HealthBadge({ health }: { health: Health | undefined }) {
  if (!health) return null;
  const tone = { ok: 'accent', degraded: 'warn', down: 'bad' } as const;
  const words = { ok: t`All is well`, degraded: t`Behind`, down: t`Down` };
  return <StatusBadge tone={tone[health.status]}>{words[health.status]}</StatusBadge>;
}
