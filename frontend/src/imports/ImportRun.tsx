/** An import at work, and what came of it. It goes on when the page is left. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Progress } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { post, url } from '@/api/client';
import { openSocket } from '@/api/socket';
import { number, sentence, spanInWords } from '@/ui/format';
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
        <KeyNumber value={counts.created} label={t`new contacts`} tone="accent" />
        <KeyNumber value={counts.updated} label={t`updated`} />
        <KeyNumber value={counts.unchanged} label={t`unchanged`} />
        <KeyNumber
          value={counts.refused}
          label={t`rows refused`}
          tone={counts.refused > 0 ? 'bad' : undefined}
        />
      </KeyNumbers>
      <ul className={classes.facts}>
        {counts.repeated > 0 && (
          <li>
            <Trans>
              {plural(counts.repeated, { one: '# row', other: '# rows' })} came again for the same
              person, and {counts.repeated === 1 ? t`was` : t`were`} put together with the last one.
            </Trans>
          </li>
        )}
        {counts.cells_left_out > 0 && (
          <li>
            <Trans>
              {plural(counts.cells_left_out, { one: '# cell', other: '# cells' })} could not be read
              and {counts.cells_left_out === 1 ? t`was` : t`were`} left out; their rows were taken
              in.
            </Trans>
          </li>
        )}
        {one.options?.segment && (
          <li>
            <Trans>
              {counts.joined === 1 ? t`1 person` : t`${number(counts.joined)} people`} joined the
              segment{' '}
              <Link
                to="/segments/$key"
                params={{ key: one.options.segment }}
                search={{ tab: 'people' }}
              >
                {one.options.segment}
              </Link>
              .
            </Trans>
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
    onError: (error) => toastError(error, t`The import was not cancelled`),
  });
  const reading = detail.phase !== 'writing';
  const total = job.total ?? 0;
  const share = total > 0 ? (100 * job.done) / total : 0;
  const words = {
    queued: t`Waiting for a worker…`,
    reading: t`Reading the file: ${number(detail.read ?? 0)} rows so far…`,
    writing: t`${number(job.done)} of ${plural(total, { one: '# row', other: '# rows' })}${left(job)}`,
  };
  return (
    <section className={classes.progress} aria-label={t`Progress`}>
      <h2>{job.cancel_requested ? t`Stopping…` : t`Importing`}</h2>
      <Progress
        value={reading ? 100 : share}
        animated={reading}
        size={10}
        aria-label={t`Progress of the import`}
      />
      <div className={classes.progressWords}>
        <span>
          {job.status === 'queued' ? words.queued : reading ? words.reading : words.writing}
        </span>
        <GuardedButton
          variant="default"
          size="compact-sm"
          loading={cancel.isPending}
          because={job.cancel_requested ? t`It stops after the rows at hand.` : null}
          onClick={() => cancel.mutate()}
        >
          <Trans>Cancel</Trans>
        </GuardedButton>
      </div>
      <p>
        <Trans>
          You can leave this page: the import goes on, and is found again under Contacts, Import.
        </Trans>
      </p>
    </section>
  );
}

/** How long it may still take, once enough is done to tell. */
function left(job: Job): string {
  if (!job.started_at || !job.total || job.done < 2_000) return '';
  const gone = (Date.now() - new Date(job.started_at).getTime()) / 1000;
  const ahead = (gone / job.done) * (job.total - job.done);
  return ahead > 2 ? t`, about ${spanInWords(ahead)} left` : '';
}

const HEADS: Record<string, string> = {
  done: t`The import is done`,
  failed: t`The import stopped`,
  cancelled: t`The import was cancelled`,
};

function Outcome({ one, job, counts }: { one: Import; job: Job; counts: ImportCounts }) {
  const client = useQueryClient();
  const resume = useMutation({
    mutationFn: () => post<Import>(url`/api/contacts/import/${one.id}/resume/`),
    onSuccess: (fresh) => client.setQueryData(importKey(one.id), fresh),
    onError: (error) => toastError(error, t`The import could not go on`),
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
          <Trans>
            {job.error && `${sentence(job.error)} `}
            {plural(counts.rows, { one: '# row', other: '# rows' })} read
            {went && took >= 1 ? t` in ${spanInWords(took)}` : ''}.
            {!went && t` What was taken in stays; going on begins with the row after.`}
          </Trans>
        </p>
      </div>
      {!went && one.file_kept && (
        <GuardedButton loading={resume.isPending} onClick={() => resume.mutate()}>
          <Trans>Go on</Trans>
        </GuardedButton>
      )}
      {went && (
        <Button component={Link} to="/contacts" variant="default">
          <Trans>See the contacts</Trans>
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
        <h2>
          <Trans>{plural(one.report_rows, { one: '# line', other: '# lines' })} to look at</Trans>
        </h2>
        <p>
          <Trans>
            Each with its line number, the reason, and the row as it was. Mend it and import it
            again: nobody comes twice.
          </Trans>
        </p>
      </div>
      <Button
        component="a"
        href={`/api/contacts/import/${one.id}/refused.csv`}
        download
        variant="default"
        leftSection={<IconDownload size={15} aria-hidden />}
      >
        <Trans>Download the report</Trans>
      </Button>
    </section>
  );
}
