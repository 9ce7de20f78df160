/** The flows that run or are paused, each with its day so far. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Sparkline } from '@/live/Sparkline';
import { FlowBadge } from '@/ui/FlowBadge';
import { number } from '@/ui/format';
import classes from './Home.module.css';
import type { Home } from './useHome';

export function Running({ flows }: { flows: Home['running'] | undefined }) {
  return (
    <section aria-labelledby="running">
      <h2 id="running" className={classes.title}>
        <Trans>What runs</Trans>
      </h2>
      {!flows && <Skeleton height={160} radius={12} />}
      {flows && (
        <ul className={classes.flows}>
          {flows.map((flow) => (
            <li key={flow.key}>
              <RunningFlow flow={flow} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function RunningFlow({ flow }: { flow: Home['running'][number] }) {
  const total = number(flow.series.reduce((sum, each) => sum + each, 0));
  return (
    <Link
      to="/flows/$key"
      params={{ key: flow.key }}
      search={{ tab: 'live' }}
      className={classes.flow}
    >
      <span className={classes.flowName}>
        <strong>{flow.name}</strong>
        <FlowBadge status={flow.status as 'live' | 'paused'} version={null} />
      </span>
      <Sparkline values={flow.series} label={t`Entered in the last 24 hours: ${total}`} />
      <Figure value={number(flow.inside)} label={t`inside`} strong />
      <Figure value={number(flow.entered_today)} label={t`entered today`} />
      <Figure value={number(flow.converted_today)} label={t`converted today`} />
    </Link>
  );
}

interface FigureProps {
  value: string;
  label: string;
  strong?: boolean;
}

function Figure({ value, label, strong }: FigureProps) {
  return (
    <span className={classes.figure} data-strong={strong}>
      <b>{value}</b>
      <small>{label}</small>
    </span>
  );
}
