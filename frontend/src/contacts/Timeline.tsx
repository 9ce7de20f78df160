/** What a contact did, and what the product sent them, newest first. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Skeleton, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconMail, IconPointFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { url } from '@/api/client';
import { useRows } from '@/api/queries';
import { EmptyState } from '@/ui/EmptyState';
import { exactInstant } from '@/ui/format';
import { TimeAgo } from '@/ui/TimeAgo';
import { Properties } from './Properties';
import classes from './Timeline.module.css';
import type { TimelineEntry } from './types';

const day = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

function byDay(entries: readonly TimelineEntry[]): [string, TimelineEntry[]][] {
  const days = new Map<string, TimelineEntry[]>();
  for (const entry of entries) {
    const name = day.format(new Date(entry.at));
    const before = days.get(name);
    if (before) before.push(entry);
    else days.set(name, [entry]);
  }
  return [...days];
}

/** The two or three properties that say most, in one line. */
function gist(properties: TimelineEntry['properties']): string {
  return Object.entries(properties)
    .filter(([, value]) => ['string', 'number'].includes(typeof value) && value !== '')
    .slice(0, 3)
    .map(([key, value]) => `${key} ${String(value).slice(0, 40)}`)
    .join(' · ');
}

export function Timeline({ contact }: { contact: string }) {
  const { rows, isPending, error, hasMore, isFetchingMore, more } = useRows<TimelineEntry>(
    ['contact', contact, 'timeline'],
    url`/api/contacts/${contact}/timeline/`,
    { limit: 50 },
    10_000,
  );
  if (isPending) {
    return (
      <div aria-busy="true">
        {[1, 2, 3, 4, 5].map((line) => (
          <Skeleton key={line} height={38} mb={8} maw={720} />
        ))}
      </div>
    );
  }
  if (error) {
    return <EmptyState compact title={t`The timeline cannot be shown`} text={error.message} />;
  }
  if (rows.length === 0) {
    return (
      <EmptyState
        title={t`Nothing has happened yet`}
        text={t`Every event of this contact, and every message to them, will be listed here.`}
      />
    );
  }
  return (
    <div className={classes.timeline}>
      {byDay(rows).map(([name, entries]) => (
        <section key={name} aria-label={name}>
          <h2 className={classes.day}>{name}</h2>
          <ol>
            {entries.map((entry) => (
              <Entry key={`${entry.type} ${entry.id}`} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
      {hasMore && (
        <Button variant="default" onClick={more} loading={isFetchingMore}>
          <Trans>Show older</Trans>
        </Button>
      )}
    </div>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const [open, setOpen] = useState(false);
  const some = Object.keys(entry.properties ?? {}).length > 0;
  return (
    <li className={classes.entry} data-touch={entry.touch || undefined}>
      <UnstyledButton
        className={classes.entryRow}
        aria-expanded={some ? open : undefined}
        disabled={!some}
        onClick={() => setOpen(!open)}
      >
        <span className={classes.mark} aria-hidden>
          {entry.touch ? <IconMail size={13} stroke={1.8} /> : <IconPointFilled size={12} />}
        </span>
        <time dateTime={entry.at} title={exactInstant(entry.at)}>
          {clock.format(new Date(entry.at))}
        </time>
        <strong>{entry.name}</strong>
        <span className={classes.gist}>{open ? '' : gist(entry.properties ?? {})}</span>
        <span className={classes.ago}>
          <TimeAgo at={entry.at} />
        </span>
        <IconChevronRight
          size={14}
          aria-hidden
          className={classes.chevron}
          data-open={open || undefined}
          visibility={some ? undefined : 'hidden'}
        />
      </UnstyledButton>
      {open && <Properties value={entry.properties} />}
    </li>
  );
}
