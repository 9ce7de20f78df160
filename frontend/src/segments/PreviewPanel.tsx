/** The panel beside the rule: how many it chooses, and who, for example. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Loader, Skeleton, Tooltip } from '@mantine/core';
import { IconHelp, IconUserSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ContactRef, Segment } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { contactName } from '@/ui/contact';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './PreviewPanel.module.css';
import type { Preview, usePreview } from './usePreview';
import { WhyDialog } from './WhyDialog';

interface PreviewPanelProps {
  preview: ReturnType<typeof usePreview>;
  /** Whether the rule says something that can be counted. */
  ready: boolean;
  segment: Segment | null;
  changed: boolean;
}

export function PreviewPanel({ preview, ready, segment, changed }: PreviewPanelProps) {
  const { data, error, stale } = preview;
  /** Of whom it is asked why; "anybody": somebody still to choose. */
  const [asked, setAsked] = useState<ContactRef | 'anybody' | null>(null);

  if (!data && !ready) {
    return (
      <EmptyState
        compact
        title={t`Nobody yet`}
        text={t`Choose a condition: the count and a few of the people appear here while you build.`}
      />
    );
  }
  if (error && !data) return <Failed preview={preview} />;
  if (!data) return <Counting />;
  return (
    <div className={classes.panel}>
      <div data-stale={stale || undefined} className={classes.numbers}>
        <Count data={data} preview={preview} />
        {segment && changed && <Change segment={segment} count={data.count} />}
      </div>
      {error && <Failed preview={preview} />}
      {!ready && (
        <p className={classes.note}>
          <Trans>This was counted before. It is counted anew once nothing is left to choose.</Trans>
        </p>
      )}
      <People data={data} onWhy={ready && !error ? setAsked : null} />
      {ready && !error && (
        <Button
          variant="default"
          size="xs"
          mt={14}
          leftSection={<IconUserSearch size={14} />}
          onClick={() => setAsked('anybody')}
        >
          <Trans>Test a person…</Trans>
        </Button>
      )}
      <WhyDialog
        opened={asked !== null}
        onClose={() => setAsked(null)}
        segment={segment && !changed ? segment : undefined}
        rule={preview.rule}
        contact={asked === 'anybody' || asked === null ? undefined : asked}
      />
    </div>
  );
}

/** "about 41,000 people", and what is still going on. */
function Count({ data, preview }: { data: Preview; preview: PreviewPanelProps['preview'] }) {
  const { isFetching, isRefining } = preview;
  return (
    <>
      <p className={classes.count} aria-live="polite">
        <strong>
          {data.exact ? '' : t`about `}
          {number(data.count)}
        </strong>{' '}
        {data.count === 1 ? t`person` : t`people`}
        {(isFetching || isRefining) && <Loader size={14} ml={8} aria-label={t`Counting`} />}
      </p>
      <p className={classes.of}>
        {data.matches > data.count
          ? t`the first of ${number(data.matches)} for whom the rule is true`
          : t`of ${number(data.total)}`}{' '}
        · {spent(data)}
        {isRefining && t` · counting exactly…`}
      </p>
    </>
  );
}

function spent({ ms, exact }: Preview): string {
  const time = ms < 1_000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
  return exact ? t`counted in ${time}` : t`estimated in ${time}`;
}

function Counting() {
  return (
    <div className={classes.panel} aria-busy="true">
      <Skeleton height={34} width={150} />
      <Skeleton height={14} width={200} mt={8} />
      {[1, 2, 3, 4].map((line) => (
        <Skeleton key={line} height={36} mt={14} />
      ))}
    </div>
  );
}

/** A refused rule is mended in the builder, which shows where; anything else may be tried again. */
function Failed({ preview }: { preview: PreviewPanelProps['preview'] }) {
  const { error, problems, refetch, data } = preview;
  if (!error) return null;
  const text =
    problems.length > 0
      ? t`Something in the rule has to be mended first: it is marked at its place.`
      : error.message;
  if (!data) {
    return (
      <EmptyState
        compact
        title={t`This could not be counted`}
        text={text}
        action={
          problems.length === 0 && (
            <Button variant="default" onClick={() => void refetch()}>
              <Trans>Try again</Trans>
            </Button>
          )
        }
      />
    );
  }
  return (
    <div className={classes.failed} role="alert">
      <p>
        <strong>
          <Trans>This could not be counted.</Trans>
        </strong>{' '}
        {text}
      </p>
      {problems.length === 0 && (
        <Button variant="default" size="compact-sm" onClick={() => void refetch()}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </div>
  );
}

function People({ data, onWhy }: { data: Preview; onWhy: ((who: ContactRef) => void) | null }) {
  if (data.sample.length === 0) {
    return (
      <p className={classes.nobody}>
        <Trans>The rule is true for nobody at this moment.</Trans>
      </p>
    );
  }
  return (
    <>
      <h2 className={classes.head}>
        <span>
          <Trans>For example</Trans>
        </span>
        <span>
          <Trans>last seen</Trans>
        </span>
      </h2>
      <ul className={classes.sample}>
        {data.sample.map((contact) => (
          <li key={contact.id}>
            <Link to="/contacts/$id" params={{ id: String(contact.id) }} className={classes.person}>
              <PersonCell contact={contact} />
              <span className={classes.seen}>
                <TimeAgo at={contact.last_seen_at} empty={t`never`} />
              </span>
            </Link>
            {onWhy && (
              <Tooltip label={t`Why?`}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={24}
                  className={classes.why}
                  aria-label={t`Why is the rule true for ${contactName(contact)}?`}
                  onClick={() => onWhy(contact)}
                >
                  <IconHelp size={15} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the changed rule chooses beside who is in the segment now. */
function Change({ segment, count }: { segment: Segment; count: number }) {
  const more = count - segment.size;
  const sign = more > 0 ? '+ ' : more < 0 ? '– ' : '± ';
  return (
    <div className={classes.change}>
      <KeyNumbers>
        <KeyNumber value={segment.size} label={t`in it now`} />
        <KeyNumber
          value={`${sign}${number(Math.abs(more))}`}
          label={segment.kind === 'dynamic' ? t`once saved` : t`beside the rule’s count`}
          tone={more > 0 ? 'accent' : undefined}
        />
      </KeyNumbers>
    </div>
  );
}
