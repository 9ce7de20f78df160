/** Long work, in the frame of every page: how far it is, what ended, and the way to its place. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Popover, Progress, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Job } from '@/settings/types';
import { TimeAgo } from '@/ui/TimeAgo';
import { toastError, toastFailed, toastLink } from '@/ui/toast';
import { useNow } from '@/ui/useNow';
import classes from './Jobs.module.css';
import { isOpen, listed, pageOf, shareDone } from './jobs';
import { useJobs } from './useJobs';

const RECENTLY = 10 * 60_000;
const ROUND = 2 * Math.PI * 8;

export function JobsIndicator() {
  const { history } = useRouter();
  const [opened, setOpened] = useState(false);
  const ended = useCallback(
    (job: Job) => {
      const page = pageOf(job);
      if (job.status === 'failed') {
        toastFailed(job.error || t`It failed.`, job.title);
        return;
      }
      // Whoever looks at its page sees the end there.
      if (job.status !== 'done' || !page || page.startsWith(history.location.pathname)) return;
      toastLink(t`Done: ${job.title}`, t`See it`, () => history.push(page));
    },
    [history],
  );
  const now = useNow();
  const jobs = listed(useJobs(ended), now, RECENTLY);
  if (jobs.length === 0) return null;
  const open = jobs.filter(isOpen);
  const failed = jobs.some(({ status }) => status === 'failed');
  const words =
    open.length > 0
      ? plural(open.length, { one: '# job is under way', other: '# jobs are under way' })
      : failed
        ? t`A job has failed`
        : t`Jobs that ended lately`;

  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="right-end"
      width={340}
      shadow="md"
      trapFocus
      withinPortal={false}
    >
      <Popover.Target>
        <Tooltip label={words} position="right" openDelay={150} disabled={opened}>
          <button
            type="button"
            className={classes.button}
            aria-label={words}
            data-failed={failed || undefined}
            onClick={() => setOpened(!opened)}
          >
            <Ring share={open.length > 0 ? shareDone(jobs) : 1} turning={open.length > 0} />
            {open.length > 1 && <span aria-hidden>{open.length}</span>}
          </button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t`Jobs`}>
        <ul className={classes.list}>
          {jobs.map((job) => (
            <li key={job.id}>
              <JobLine job={job} onGo={() => setOpened(false)} />
            </li>
          ))}
        </ul>
        <Link
          to="/settings"
          search={{ tab: 'jobs' }}
          className={classes.all}
          onClick={() => setOpened(false)}
        >
          <Trans>All jobs</Trans>
        </Link>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A ring that fills; where nobody knows how far it is, a part of it goes round. */
function Ring({ share, turning }: { share: number | null; turning: boolean }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width={20}
      height={20}
      aria-hidden
      data-turning={(turning && share === null) || undefined}
      className={classes.ring}
    >
      <circle cx={10} cy={10} r={8} />
      <circle
        cx={10}
        cy={10}
        r={8}
        strokeDasharray={`${(share ?? 0.25) * ROUND} ${ROUND}`}
        transform="rotate(-90 10 10)"
      />
    </svg>
  );
}

function JobLine({ job, onGo }: { job: Job; onGo: () => void }) {
  const { history } = useRouter();
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const page = pageOf(job);
  const cancel = useMutation({
    mutationFn: () => post(url`/api/jobs/${job.id}/cancel/`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
    onError: (error) => toastError(error, t`The job was not cancelled`),
  });
  const go = () => {
    onGo();
    if (page) history.push(page);
  };
  return (
    <div className={classes.job} data-status={job.status}>
      <div className={classes.title}>
        {page ? (
          <button type="button" onClick={go}>
            {job.title}
          </button>
        ) : (
          <strong>{job.title}</strong>
        )}
        <TimeAgo at={job.finished_at ?? job.started_at ?? job.created_at} />
      </div>
      {job.status === 'running' && (
        <Progress
          value={job.total ? (100 * job.done) / job.total : 100}
          animated={!job.total}
          size={4}
          aria-label={t`Progress of ${job.title}`}
        />
      )}
      <div className={classes.state}>
        <span>{stateOf(job)}</span>
        {canEdit && isOpen(job) && !job.cancel_requested && (
          <button type="button" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
            <Trans>Cancel</Trans>
          </button>
        )}
      </div>
    </div>
  );
}

function stateOf(job: Job): string {
  if (isOpen(job) && job.cancel_requested) return t`stops at the next step`;
  switch (job.status) {
    case 'queued':
      return t`waits for its turn`;
    case 'running': {
      const share = job.total ? Math.floor((100 * job.done) / job.total) : null;
      return share === null ? t`under way` : t`${Math.min(99, share)} % done`;
    }
    case 'failed':
      return job.error || t`It failed.`;
    case 'cancelled':
      return t`cancelled`;
    default:
      return t`done`;
  }
}
