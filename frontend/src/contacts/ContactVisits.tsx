/** The flows a contact went through: each step with its instant and the way out it took. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Skeleton } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, post, url } from '@/api/client';
import { useRows } from '@/api/queries';
import type { FlowVersion } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { Instant } from '@/ui/Instant';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import page from './Contact.module.css';
import classes from './ContactVisits.module.css';
import type { VisitPath } from './types';

const TONES: Record<string, Tone> = { inside: 'accent', converted: 'accent', failed: 'bad' };

export function ContactVisits({ contact }: { contact: string }) {
  const visits = useRows<VisitPath>(
    ['contact', contact, 'visits'],
    url`/api/contacts/${contact}/visits/`,
    { limit: 50 },
    5_000,
  );
  if (visits.isPending) return <Skeleton height={200} maw={720} />;
  if (visits.error) {
    return <EmptyState compact title={t`This cannot be shown`} text={visits.error.message} />;
  }
  if (visits.rows.length === 0) {
    return (
      <EmptyState
        icon={<IconRoute size={22} />}
        title={t`In no flow so far`}
        text={t`When they enter one, every step they take is listed here, with its instant.`}
      />
    );
  }
  return (
    <div className={page.stack}>
      {visits.rows.map((visit) => (
        <Visit key={visit.id} visit={visit} />
      ))}
      {visits.hasMore && (
        <Button variant="default" onClick={visits.more} loading={visits.isFetchingMore}>
          <Trans>Show older</Trans>
        </Button>
      )}
    </div>
  );
}

/** What each step of a version says, by node id; the ids alone until it is known. */
function useSteps(flow: string, version: number) {
  const { data } = useQuery({
    queryKey: ['flow', flow, 'version', version, 'sentences'],
    queryFn: async () => {
      const { graph } = await get<FlowVersion>(url`/api/flows/${flow}/versions/${version}/`);
      return post<Record<string, string>>('/api/flows/sentences/', { nodes: graph.nodes });
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (node: string): string => data?.[node]?.replaceAll('**', '') ?? node;
}

/** A long path begins folded: the first steps are of less interest than the last. */
const FOLDED = 8;

function Visit({ visit }: { visit: VisitPath }) {
  const say = useSteps(visit.flow, visit.version);
  const [all, setAll] = useState(false);
  const early = visit.path.length - FOLDED;
  const cut = all || early < 3 ? 0 : early;
  const name = visit.flow_name;
  return (
    <section className={classes.visit} aria-label={t`Visit of ${name}`}>
      <header>
        <Link to="/flows/$key" params={{ key: visit.flow }} search={{ tab: 'live' }}>
          <strong>{name}</strong>
        </Link>
        <StatusBadge tone={TONES[visit.outcome] ?? 'quiet'}>{visit.outcome}</StatusBadge>
        <span>
          <Trans>
            version {visit.version} · entered <TimeAgo at={visit.entered_at} />
            {visit.left_at && (
              <Trans>
                {' '}
                · left <TimeAgo at={visit.left_at} />
              </Trans>
            )}
            {visit.reason && visit.outcome !== 'inside' ? ` · ${visit.reason}` : ''}
            {visit.error ? ` · ${visit.error}` : ''}
          </Trans>
        </span>
        <Link
          to="/flows/$key"
          params={{ key: visit.flow }}
          search={{ tab: 'live', visit: visit.id }}
          aria-label={t`Follow on the canvas: ${name}`}
        >
          <Trans>Follow on the canvas</Trans>
        </Link>
      </header>
      <ol className={classes.path}>
        {cut > 0 && (
          <li>
            <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
              <Trans>{cut} earlier steps</Trans>
            </Button>
          </li>
        )}
        {visit.path.slice(cut).map((step, i) => {
          const here = visit.outcome === 'inside' && cut + i === visit.path.length - 1;
          return (
            <li key={`${step.node} ${step.at}`} data-here={here || undefined}>
              <Instant at={step.at} />
              <span>{say(step.node)}</span>
              {step.branch && step.branch !== 'next' && (
                <StatusBadge dot={false}>{step.branch}</StatusBadge>
              )}
              {here && (
                <em>
                  <Trans>
                    here
                    {visit.until && (
                      <Trans>
                        , goes on <TimeAgo at={visit.until} />
                      </Trans>
                    )}
                  </Trans>
                </em>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
