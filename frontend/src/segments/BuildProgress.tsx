/** A build of the segment, while one runs: how far it is, and a way to stop it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Progress } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { post, url } from '@/api/client';
import type { Job } from '@/settings/types';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import classes from './Segment.module.css';
import type { Segment } from './types';
import { useJob } from './useJob';

function endWords(status: Job['status'], segment: string): string {
  switch (status) {
    case 'cancelled':
      return t`“${segment}” was not built to the end.`;
    case 'failed':
      return t`“${segment}” could not be built.`;
    default:
      return t`“${segment}” is built.`;
  }
}

export function BuildProgress({ segment }: { segment: Segment }) {
  const client = useQueryClient();
  const renew = () => {
    void client.invalidateQueries({ queryKey: ['segment', segment.key] });
    void client.invalidateQueries({ queryKey: ['segments'] });
  };
  const job = useJob(segment.job, (over) => {
    toast(endWords(over.status, segment.name));
    renew();
  });
  const cancel = useMutation({
    mutationFn: () => post(url`/api/jobs/${segment.job ?? ''}/cancel/`),
    onError: (error) => toastError(error, t`The build was not stopped`),
  });
  const rebuild = useMutation({
    mutationFn: () => post(url`/api/segments/${segment.key}/rebuild/`),
    onSuccess: renew,
    onError: (error) => toastError(error, t`It was not built anew`),
  });

  if (segment.status !== 'building') return null;
  if (!segment.job) {
    return (
      <div className={classes.building} data-stopped>
        <p>
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            <Trans>
              <strong>The last build was stopped.</strong> Until it is built anew, some people may
              be missing and others may be here still.
            </Trans>
          </span>
        </p>
        <GuardedButton loading={rebuild.isPending} onClick={() => rebuild.mutate()}>
          <Trans>Build anew</Trans>
        </GuardedButton>
      </div>
    );
  }
  const share = job?.total ? Math.floor((100 * job.done) / job.total) : null;
  const stopping = Boolean(job?.cancel_requested) || cancel.isPending;
  return (
    <div className={classes.building} role="status" aria-live="polite">
      <div className={classes.buildingWords}>
        <strong>{stopping ? t`Stopping the build` : t`Being built`}</strong>
        <span>
          {share === null ? t`waiting for its turn` : `${share} %`}
          {job?.started_at && (
            <>
              {t` · begun `}
              <TimeAgo at={job.started_at} />
            </>
          )}
        </span>
      </div>
      <Progress value={share ?? 100} animated={share === null} size={6} aria-label={t`Building`} />
      <div className={classes.buildingFoot}>
        <span>
          <Trans>
            It goes on when you leave this page; here and among the{' '}
            <Link to="/settings" search={{ tab: 'jobs' }}>
              jobs
            </Link>{' '}
            it is found again.
          </Trans>
        </span>
        <Button
          variant="default"
          size="compact-sm"
          disabled={stopping}
          onClick={() => cancel.mutate()}
        >
          <Trans>Stop the build</Trans>
        </Button>
      </div>
    </div>
  );
}
