/** An import at work, and what came of it. It goes on when the page is left. */
import { Button, Progress } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { post, url } from '@/api/client';
import { openSocket } from '@/api/socket';
import { number, plural, sentence, spanInWords } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { toastError } from '@/ui/toast';
import { importKey } from './ImportPage';
import classes from './Imports.module.css';
import type { Import, ImportCounts, Job, JobDetail } from './types';

const OVER = new Set<Job['status']>(['done', 'failed', 'cancelled']);
const COUNTED = [
  'rows',
  'created',
  'updated',
  'unchanged',
  'refused',
  'repeated',
  'cells_left_out',
  'joined',
] as const;

/** The job as its socket last told it; when it is over, the import is read anew. */
function useJob(one: Import): Job | null {
  const client = useQueryClient();
  const [job, setJob] = useState(one.job);
  const id = one.job?.id;
  const over = one.job ? OVER.has(one.job.status) : true;
  useEffect(() => {
    if (!id || over) return;
    return openSocket<{ type: string; job: Job }>(`/ws/jobs/${id}/`, {
      onMessage: ({ job: told }) => {
        setJob(told);
        if (!OVER.has(told.status)) return;
        void client.invalidateQueries({ queryKey: ['imports'] });
        for (const changed of ['contacts', 'segments', 'fields']) {
          void client.invalidateQueries({ queryKey: [changed] });
        }
      },
    });
  }, [id, over, client]);
  return over ? one.job : job;
}

function countsNow(one: Import, job: Job | null): ImportCounts {
  const detail = (job?.detail ?? {}) as JobDetail;
  const told = Object.fromEntries(
    COUNTED.map((name) => [name, detail[name] ?? 0]),
  ) as unknown as ImportCounts;
  return told.rows > one.counts.rows ? told : one.counts;
}

export function ImportRun({ one }: { one: Import }) {
  const job = useJob(one);
  if (!job) return null;
  const counts = countsNow(one, job);
  return (
    <div className={classes.run}>
      {OVER.has(job.status) ? (
        <Outcome one={one} job={job} counts={counts} />
      ) : (
        <Running one={one} job={job} />
      )}
      <KeyNumbers>
        <KeyNumber value={counts.created} label="new contacts" tone="accent" />
        <KeyNumber value={counts.updated} label="updated" />
        <KeyNumber value={counts.unchanged} label="unchanged" />
        <KeyNumber
          value={counts.refused}
          label="rows refused"
          tone={counts.refused > 0 ? 'bad' : undefined}
        />
      </KeyNumbers>
      <ul className={classes.facts}>
        {counts.repeated > 0 && (
          <li>
            {plural(counts.repeated, 'row')} came again for the same person, and{' '}
            {counts.repeated === 1 ? 'was' : 'were'} put together with the last one.
          </li>
        )}
        {counts.cells_left_out > 0 && (
          <li>
            {plural(counts.cells_left_out, 'cell')} could not be read and{' '}
            {counts.cells_left_out === 1 ? 'was' : 'were'} left out; their rows were taken in.
          </li>
        )}
        {one.options?.segment && (
          <li>
            {counts.joined === 1 ? '1 person' : `${number(counts.joined)} people`} joined the
            segment{' '}
            <Link
              to="/segments/$key"
              params={{ key: one.options.segment }}
              search={{ tab: 'people' }}
            >
              {one.options.segment}
            </Link>
            .
          </li>
        )}
      </ul>
      {OVER.has(job.status) && <Report one={one} />}
    </div>
  );
}

function Running({ one, job }: { one: Import; job: Job }) {
  const client = useQueryClient();
  const detail = job.detail as JobDetail;
  const cancel = useMutation({
    mutationFn: () => post<Import>(url`/api/contacts/import/${one.id}/cancel/`),
    onSuccess: (fresh) => client.setQueryData(importKey(one.id), fresh),
    onError: (error) => toastError(error, 'The import was not cancelled'),
  });
  const reading = detail.phase !== 'writing';
  const total = job.total ?? 0;
  const share = total > 0 ? (100 * job.done) / total : 0;
  const words = {
    queued: 'Waiting for a worker …',
    reading: `Reading the file: ${number(detail.read ?? 0)} rows so far …`,
    writing: `${number(job.done)} of ${plural(total, 'row')}${left(job)}`,
  };
  return (
    <section className={classes.progress} aria-label="Progress">
      <h2>{job.cancel_requested ? 'Stopping …' : 'Importing'}</h2>
      <Progress
        value={reading ? 100 : share}
        animated={reading}
        size={10}
        aria-label="Progress of the import"
      />
      <div className={classes.progressWords}>
        <span>
          {job.status === 'queued' ? words.queued : reading ? words.reading : words.writing}
        </span>
        <GuardedButton
          variant="default"
          size="compact-sm"
          loading={cancel.isPending}
          because={job.cancel_requested ? 'It stops after the rows at hand.' : null}
          onClick={() => cancel.mutate()}
        >
          Cancel
        </GuardedButton>
      </div>
      <p>You can leave this page: the import goes on, and is found again under Contacts, Import.</p>
    </section>
  );
}

/** How long it may still take, once enough is done to tell. */
function left(job: Job): string {
  if (!job.started_at || !job.total || job.done < 2_000) return '';
  const gone = (Date.now() - new Date(job.started_at).getTime()) / 1000;
  const ahead = (gone / job.done) * (job.total - job.done);
  return ahead > 2 ? `, about ${spanInWords(ahead)} left` : '';
}

const HEADS: Record<string, string> = {
  done: 'The import is done',
  failed: 'The import stopped',
  cancelled: 'The import was cancelled',
};

function Outcome({ one, job, counts }: { one: Import; job: Job; counts: ImportCounts }) {
  const client = useQueryClient();
  const resume = useMutation({
    mutationFn: () => post<Import>(url`/api/contacts/import/${one.id}/resume/`),
    onSuccess: (fresh) => client.setQueryData(importKey(one.id), fresh),
    onError: (error) => toastError(error, 'The import could not go on'),
  });
  const went = job.status === 'done';
  const took =
    job.started_at && job.finished_at
      ? (new Date(job.finished_at).getTime() - new Date(job.started_at).getTime()) / 1000
      : 0;
  return (
    <section className={classes.outcome} data-tone={went ? undefined : 'warn'}>
      {went ? (
        <IconCircleCheck size={22} aria-hidden />
      ) : (
        <IconAlertTriangle size={22} aria-hidden />
      )}
      <div>
        <h2>{HEADS[job.status]}</h2>
        <p>
          {job.error && `${sentence(job.error)} `}
          {plural(counts.rows, 'row')} read
          {went && took >= 1 ? ` in ${spanInWords(took)}` : ''}.
          {!went && ' What was taken in stays; going on begins with the row after.'}
        </p>
      </div>
      {!went && one.file_kept && (
        <GuardedButton loading={resume.isPending} onClick={() => resume.mutate()}>
          Go on
        </GuardedButton>
      )}
      {went && (
        <Button component={Link} to="/contacts" variant="default">
          See the contacts
        </Button>
      )}
    </section>
  );
}

function Report({ one }: { one: Import }) {
  if (one.report_rows === 0) return null;
  return (
    <section className={classes.report}>
      <div>
        <h2>{plural(one.report_rows, 'line')} to look at</h2>
        <p>
          Each with its line number, the reason, and the row as it was. Mend it and import it again:
          nobody comes twice.
        </p>
      </div>
      <Button
        component="a"
        href={`/api/contacts/import/${one.id}/refused.csv`}
        download
        variant="default"
        leftSection={<IconDownload size={15} aria-hidden />}
      >
        Download the report
      </Button>
    </section>
  );
}
