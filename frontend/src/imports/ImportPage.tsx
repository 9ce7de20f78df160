/** One import: until it is started its mapping, then how far it is and what came of it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { del, get, url } from '@/api/client';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { StatusBadge } from '@/ui/StatusBadge';
import { toastError } from '@/ui/toast';
import { ImportRun } from './ImportRun';
import { ImportSetup } from './ImportSetup';
import classes from './Imports.module.css';
import { STATUS_WORDS, TONES } from './ImportsPage';
import type { Import } from './types';

const CRUMBS = [
  { label: t`Contacts`, to: '/contacts' },
  { label: t`Import`, to: '/contacts/import' },
];

export const importKey = (id: string | number) => ['imports', String(id)] as const;

export function ImportPage() {
  const { id } = useParams({ from: '/shell/contacts/import/$id' });
  const { data: one, error } = useQuery({
    queryKey: importKey(id),
    queryFn: () => get<Import>(url`/api/contacts/import/${id}/`),
  });
  if (!one) {
    return (
      <Page title={t`Import`} crumbs={CRUMBS}>
        {error ? (
          <EmptyState title={t`This import is not there`} text={error.message} />
        ) : (
          <div aria-busy="true" className={classes.start}>
            <Skeleton height={36} width={320} />
            <Skeleton height={320} mt={16} />
          </div>
        )}
      </Page>
    );
  }
  const over = !['queued', 'running'].includes(one.status);
  return (
    <Page
      title={one.file_name}
      crumbs={CRUMBS}
      badge={<StatusBadge tone={TONES[one.status]}>{STATUS_WORDS[one.status]}</StatusBadge>}
      actions={over && <Remove one={one} />}
    >
      {one.status === 'ready' ? (
        <ImportSetup one={one} />
      ) : (
        <ImportRun key={one.job?.id} one={one} />
      )}
    </Page>
  );
}

function Remove({ one }: { one: Import }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = async () => {
    setBusy(true);
    try {
      await del(url`/api/contacts/import/${one.id}/`);
      await navigate({ to: '/contacts/import' });
      client.removeQueries({ queryKey: importKey(one.id) });
      void client.invalidateQueries({ queryKey: ['imports'] });
    } catch (error) {
      toastError(error, t`The import was not removed`);
      setBusy(false);
    }
  };
  return (
    <>
      <GuardedButton variant="default" onClick={() => setAsking(true)}>
        <Trans>Remove</Trans>
      </GuardedButton>
      <ConfirmDialog
        opened={asking}
        title={t`Remove this import?`}
        confirm={t`Remove`}
        danger
        busy={busy}
        onConfirm={remove}
        onClose={() => setAsking(false)}
      >
        <Trans>
          The file and the report of refused rows are deleted.
          {one.status === 'ready'
            ? t` Nothing of it has been imported.`
            : t` The contacts that came with it stay.`}
        </Trans>
      </ConfirmDialog>
    </>
  );
}
