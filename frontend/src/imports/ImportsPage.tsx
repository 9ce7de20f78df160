/** Imports of contacts: a file is dropped here, and earlier ones are found again. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { useRows } from '@/api/queries';
import { type Column, DataTable } from '@/ui/DataTable';
import { number } from '@/ui/format';
import { Page } from '@/ui/Page';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { DropZone } from './DropZone';
import classes from './Imports.module.css';
import { about, countsInWords, fileSize } from './plan';
import type { ImportRow, ImportStatus } from './types';

export const TONES: Record<ImportStatus, Tone> = {
  ready: 'warn',
  queued: 'quiet',
  running: 'accent',
  done: 'quiet',
  failed: 'bad',
  cancelled: 'quiet',
};
export const STATUS_WORDS: Record<ImportStatus, string> = {
  ready: t`Not started`,
  queued: t`Waiting`,
  running: t`Running`,
  done: t`Done`,
  failed: t`Failed`,
  cancelled: t`Cancelled`,
};

function rowsOf(one: ImportRow): string {
  if (one.rows_total !== null) return number(one.rows_total);
  return about(one.rows_about).toLowerCase();
}

const COLUMNS: Column<ImportRow>[] = [
  {
    key: 'file',
    header: t`File`,
    width: 'minmax(0, 3fr)',
    render: (one) => <strong className={classes.name}>{one.file_name}</strong>,
  },
  {
    key: 'status',
    header: t`Status`,
    width: '110px',
    render: (one) => <StatusBadge tone={TONES[one.status]}>{STATUS_WORDS[one.status]}</StatusBadge>,
  },
  { key: 'rows', header: t`Rows`, width: '120px', align: 'right', render: rowsOf },
  {
    key: 'came',
    header: t`What came of it`,
    width: 'minmax(0, 3fr)',
    render: (one) => (one.status === 'ready' ? '–' : countsInWords(one.counts)),
  },
  {
    key: 'size',
    header: t`Size`,
    width: '80px',
    align: 'right',
    render: (one) => fileSize(one.size),
  },
  {
    key: 'at',
    header: t`Sent`,
    width: '100px',
    align: 'right',
    render: (one) => <TimeAgo at={one.created_at} />,
  },
];

export function ImportsPage() {
  const navigate = useNavigate();
  const list = useRows<ImportRow>(
    ['imports', 'list'],
    '/api/contacts/import/',
    { limit: 50 },
    5_000,
  );
  return (
    <Page title={t`Import`} crumbs={[{ label: t`Contacts`, to: '/contacts' }]}>
      <div className={classes.start}>
        <DropZone />
        {(list.isPending || list.rows.length > 0) && (
          <section className={classes.earlier} aria-labelledby="earlier-imports">
            <h2 id="earlier-imports">
              <Trans>Imports so far</Trans>
            </h2>
            <DataTable
              label={t`Imports`}
              columns={COLUMNS}
              rowKey={(one) => one.id}
              onRowClick={(one) =>
                navigate({ to: '/contacts/import/$id', params: { id: String(one.id) } })
              }
              {...list}
            />
          </section>
        )}
        {!list.isPending && list.rows.length === 0 && (
          <ul className={classes.hints}>
            <li>
              <Trans>
                <strong>Any CSV.</strong> Commas, semicolons, tabs; from a spreadsheet or another
                program. Encoding and separators are recognised.
              </Trans>
            </li>
            <li>
              <Trans>
                <strong>Nothing twice.</strong> People are recognised by e-mail or by your own id;
                importing a file again changes nothing.
              </Trans>
            </li>
            <li>
              <Trans>
                <strong>Nothing lost.</strong> Rows that cannot be taken in are yours to download,
                with the reason, to mend and import again.
              </Trans>
            </li>
          </ul>
        )}
      </div>
    </Page>
  );
}
