/** What the engine could not process: what it was, the error, and to try it again. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { post } from '@/api/client';
import { useRows } from '@/api/queries';
import type { components } from '@/api/schema';
import { type Column, DataTable } from '@/ui/DataTable';
import { GuardedButton } from '@/ui/GuardedButton';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast, toastError } from '@/ui/toast';
import { SectionHead } from './SectionHead';
import classes from './Settings.module.css';

type SetAside = components['schemas']['SetAside'];

const KINDS: Record<string, string> = {
  event: t`Event`,
  field: t`Field`,
  consent: t`Consent`,
  segment: t`Segment`,
  flow: t`Flow`,
  call: t`Call`,
  stage: t`Part of the engine`,
};

function whatOf({ kind, name }: SetAside): string {
  return [KINDS[kind] ?? kind, name.replace(/_/g, ' ')].filter(Boolean).join(' · ');
}

function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (row: SetAside | null) =>
      post<{ count: number }>('/api/set-aside/retry/', row ? { ids: [row.id] } : { all: true }),
    onSuccess: ({ count }) => {
      toast(
        t`${plural(count, { one: '# change', other: '# changes' })} put back to be processed again.`,
      );
      void client.invalidateQueries({ queryKey: ['set-aside'] });
    },
    onError: (error) => toastError(error, t`Nothing was put back`),
  });
}

/** Shown only where there is something: all is well otherwise. */
export function AsideList() {
  const list = useRows<SetAside>(['set-aside'], '/api/set-aside/', { limit: 100 }, 10_000);
  const retry = useRetry();
  if (list.rows.length === 0) return null;
  const columns: Column<SetAside>[] = [
    {
      key: 'error',
      header: t`Error`,
      width: 'minmax(0, 3fr)',
      render: (row) => (
        <strong className={classes.name} title={row.error}>
          {row.error}
        </strong>
      ),
    },
    { key: 'what', header: t`What it was`, width: 'minmax(0, 2fr)', render: whatOf },
    {
      key: 'who',
      header: t`Whom it is about`,
      width: '140px',
      render: (row) =>
        row.contact !== null && (
          <Link to="/contacts/$id" params={{ id: String(row.contact) }}>
            <Trans>Person {row.contact}</Trans>
          </Link>
        ),
    },
    {
      key: 'at',
      header: t`Set aside`,
      width: '100px',
      align: 'right',
      render: (row) => <TimeAgo at={row.aside_at} />,
    },
    {
      key: 'act',
      header: '',
      width: '90px',
      align: 'right',
      render: (row) =>
        row.contact !== null && (
          <GuardedButton variant="subtle" size="compact-xs" onClick={() => retry.mutate(row)}>
            <Trans>Try again</Trans>
          </GuardedButton>
        ),
    },
  ];
  return (
    <section aria-label={t`Set aside by the engine`}>
      <SectionHead
        action={
          <GuardedButton
            variant="default"
            loading={retry.isPending}
            onClick={() => retry.mutate(null)}
          >
            <Trans>Try all again</Trans>
          </GuardedButton>
        }
      >
        <Trans>
          What the engine could not process is set aside here, so that everything else goes on. When
          the cause is mended, try it again.
        </Trans>
      </SectionHead>
      <DataTable label={t`Set aside`} columns={columns} rowKey={(row) => row.id} {...list} />
    </section>
  );
}
