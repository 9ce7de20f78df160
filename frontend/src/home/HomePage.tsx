/** What runs, what needs attention, and what went out last. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get } from '@/api/client';
import { useFields, useMe, useRows } from '@/api/queries';
import type { Alert, CursorPage, FlowRow, Health } from '@/api/types';
import type { MessageRow } from '@/messages/types';
import type { RejectedMessage } from '@/settings/types';
import { FlowBadge } from '@/ui/FlowBadge';
import { number, percent } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { Page } from '@/ui/Page';
import { StatusBadge } from '@/ui/StatusBadge';
import { Attention } from './Attention';
import { concernsOf } from './attention';
import { FirstSteps } from './FirstSteps';
import classes from './Home.module.css';
import { Latest } from './Latest';

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
  const flows = useRows<FlowRow>(['flows', 'home'], '/api/flows/', { limit: 100 }, POLL);
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
  const running = flows.rows.filter((flow) => flow.status === 'live' || flow.status === 'paused');
  const concerns = concernsOf({
    alerts: alerts ?? [],
    health,
    rejected: counted(rejected),
    warnedFields: fields.filter((field) => field.warnings > 0).length,
  });
  const fresh = !flows.isPending && running.length === 0;

  return (
    <Page
      title={t`Home`}
      badge={concerns.length === 0 && <HealthBadge health={health} />}
      aside={<Latest messages={latest?.results} />}
      asideLabel="Latest messages"
    >
      <div className={classes.column}>
        <h2 className={classes.hello}>{me?.workspace.name}</h2>
        {!fresh && <Totals flows={running} />}
        <Attention concerns={concerns} known={alerts !== undefined && health !== undefined} />
        {fresh ? (
          <FirstSteps flows={flows.rows.length} />
        ) : (
          <Running flows={running} pending={flows.isPending} />
        )}
      </div>
    </Page>
  );
}

function HealthBadge({ health }: { health: Health | undefined }) {
  if (!health) return null;
  const tone = { ok: 'accent', degraded: 'warn', down: 'bad' } as const;
  const words = { ok: t`All is well`, degraded: 'Behind', down: 'Down' };
  return <StatusBadge tone={tone[health.status]}>{words[health.status]}</StatusBadge>;
}

function Totals({ flows }: { flows: readonly FlowRow[] }) {
  const sum = (key: keyof FlowRow['totals']) =>
    flows.reduce((total, flow) => total + flow.totals[key], 0);
  return (
    <KeyNumbers>
      <KeyNumber value={sum('inside')} label={t`inside flows now`} tone="accent" />
      <KeyNumber value={sum('entered')} label={t`entered so far`} />
      <KeyNumber value={sum('converted')} label={t`converted`} />
      <KeyNumber
        value={percent(sum('converted'), sum('entered'))}
        label={t`of those who entered`}
      />
    </KeyNumbers>
  );
}

function Running({ flows, pending }: { flows: readonly FlowRow[]; pending: boolean }) {
  return (
    <section aria-labelledby="running">
      <h2 id="running" className={classes.title}>
        <Trans>What runs</Trans>
      </h2>
      {pending && <Skeleton height={160} radius={12} />}
      <ul className={classes.flows}>
        {flows.map((flow) => (
          <li key={flow.key}>
            <Link
              to="/flows/$key"
              params={{ key: flow.key }}
              search={{ tab: 'live' }}
              className={classes.flow}
            >
              <span className={classes.flowName}>
                <strong>{flow.name}</strong>
                <FlowBadge status={flow.status} version={flow.version} />
              </span>
              <Figure value={number(flow.totals.inside)} label={t`inside`} strong />
              <Figure value={number(flow.totals.entered)} label={t`entered`} />
              <Figure
                value={percent(flow.totals.converted, flow.totals.entered)}
                label={t`converted`}
              />
              <Figure
                value={number(flow.totals.failed)}
                label={t`failed`}
                bad={flow.totals.failed > 0}
              />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Figure({
  value,
  label,
  strong,
  bad,
}: {
  value: string;
  label: string;
  strong?: boolean;
  bad?: boolean;
}) {
  return (
    <span className={classes.figure} data-strong={strong} data-bad={bad || undefined}>
      <b>{value}</b>
      <small>{label}</small>
    </span>
  );
}
