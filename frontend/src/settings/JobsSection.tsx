/** Long work: what is being done, how far it is, and what failed. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Progress } from '@mantine/core';
import { IconClockCog } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, url } from '@/api/client';
import { useRows } from '@/api/queries';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number, spanInWords } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError } from '@/ui/toast';
import { AsideList } from './AsideList';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';
import type { Job } from './types';

const TONES: Record<Job['status'], Tone> = {
  queued: 'quiet',
  running: 'accent',
  done: 'quiet',
  failed: 'bad',
  cancelled: 'quiet',
};

function took({ started_at, finished_at }: Job): string {
  if (!started_at || !finished_at) return '';
  const seconds = (new Date(finished_at).getTime() - new Date(started_at).getTime()) / 1000;
  const span = spanInWords(seconds);
  return t`took ${span}`;
}

function Far({ job }: { job: Job }) {
  if (job.status === 'failed') return <span title={job.error}>{job.error || t`It failed.`}</span>;
  if (job.status !== 'running') return <span>{took(job)}</span>;
  const share = job.total ? (100 * job.done) / job.total : 100;
  return (
    <span className={classes.progress}>
      <Progress
        value={share}
        animated={!job.total}
        size={6}
        aria-label={t`Progress of ${job.title}`}
      />
      <small>{job.total ? t`${number(job.done)} of ${number(job.total)}` : number(job.done)}</small>
    </span>
  );
}

export function JobsSection() {
  const client = useQueryClient();
  const list = useRows<Job>(['jobs', 'list'], '/api/jobs/', { limit: 50 }, 2_000);
  const cancel = useMutation({
    mutationFn: (job: Job) => post(url`/api/jobs/${job.id}/cancel/`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
    onError: (error) => toastError(error, t`The job was not cancelled`),
  });
  const columns: Column<Job>[] = [
    {
      key: 'title',
      header: t`Job`,
      width: 'minmax(0, 3fr)',
      render: (job) => <strong className={classes.name}>{job.title}</strong>,
    },
    {
      key: 'status',
      header: t`Status`,
      width: '100px',
      render: (job) => <StatusBadge tone={TONES[job.status]}>{job.status}</StatusBadge>,
    },
    { key: 'far', header: '', width: 'minmax(0, 3fr)', render: (job) => <Far job={job} /> },
    {
      key: 'at',
      header: t`Begun`,
      width: '100px',
      align: 'right',
      render: (job) => <TimeAgo at={job.started_at ?? job.created_at} />,
    },
    {
      key: 'act',
      header: '',
      width: '80px',
      align: 'right',
      render: (job) =>
        (job.status === 'running' || job.status === 'queued') && (
          <GuardedButton variant="subtle" size="compact-xs" onClick={() => cancel.mutate(job)}>
            <Trans>Cancel</Trans>
          </GuardedButton>
        ),
    },
  ];
  return (
    <>
      <SectionHead>
        <Trans>
          Long work goes on when you leave the page, and after a restart. Here it is found again.
        </Trans>
      </SectionHead>
      <DataTable
        label={t`Jobs`}
        columns={columns}
        rowKey={(job) => job.id}
        empty={
          <EmptyState
            compact
            icon={<IconClockCog size={22} />}
            title={t`No long work so far`}
            text={t`Builds of segments, imports and backtests show their progress here.`}
          />
        }
        {...list}
      />
      <AsideList />
    </>
  );
}
