/** The panel beside the rule: how many it chooses, and who, for example. */
import { Loader, Skeleton, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Segment } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { KeyNumber, KeyNumbers } from '@/ui/KeyNumber';
import { TimeAgo } from '@/ui/TimeAgo';
import classes from './PreviewPanel.module.css';
import type { usePreview } from './usePreview';
import { WhyDialog } from './WhyDialog';

interface PreviewPanelProps {
  preview: ReturnType<typeof usePreview>;
  /** Whether the rule says something that can be counted. */
  ready: boolean;
  segment: Segment | null;
  changed: boolean;
}

export function PreviewPanel({ preview, ready, segment, changed }: PreviewPanelProps) {
  const { data, error, stale, isFetching } = preview;
  const [testing, setTesting] = useState(false);

  if (!data && !ready) {
    return (
      <EmptyState
        compact
        title="Nobody yet"
        text="Choose a condition: the count and a few of the people appear here while you build."
      />
    );
  }
  if (error && !data) {
    return <EmptyState compact title="This could not be counted" text={error.message} />;
  }
  if (!data) {
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
  return (
    <div className={classes.panel}>
      <div data-stale={stale || undefined} className={classes.numbers}>
        <p className={classes.count} aria-live="polite">
          <strong>
            {data.exact ? '' : 'about '}
            {number(data.count)}
          </strong>{' '}
          {data.count === 1 ? 'person' : 'people'}
          {isFetching && <Loader size={14} ml={8} aria-label="Counting" />}
        </p>
        <p className={classes.of}>
          of {number(data.total)} · counted in {Math.max(1, Math.round(data.ms))} ms
        </p>
        {segment && changed && <Change segment={segment} count={data.count} />}
        {error && <p className={classes.error}>{error.message}</p>}
      </div>
      <h2 className={classes.head}>
        <span>For example</span>
        <span>last seen</span>
      </h2>
      {data.sample.length === 0 && (
        <p className={classes.none}>The rule is true for nobody at this moment.</p>
      )}
      <ul className={classes.sample}>
        {data.sample.map((contact) => (
          <li key={contact.id}>
            <Link to="/contacts/$id" params={{ id: String(contact.id) }} className={classes.person}>
              <PersonCell contact={contact} />
              <span className={classes.seen}>
                <TimeAgo at={contact.last_seen_at} empty="never" />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {segment && !changed && (
        <UnstyledButton className={classes.test} onClick={() => setTesting(true)}>
          Test a person…
        </UnstyledButton>
      )}
      {segment && (
        <WhyDialog opened={testing} onClose={() => setTesting(false)} segment={segment} />
      )}
    </div>
  );
}

/** What the changed rule chooses beside who is in the segment now. */
function Change({ segment, count }: { segment: Segment; count: number }) {
  const more = count - segment.size;
  const sign = more > 0 ? '+ ' : more < 0 ? '– ' : '± ';
  return (
    <div className={classes.change}>
      <KeyNumbers>
        <KeyNumber value={segment.size} label="in it now" />
        <KeyNumber
          value={`${sign}${number(Math.abs(more))}`}
          label={segment.kind === 'dynamic' ? 'once saved' : 'beside the rule’s count'}
          tone={more > 0 ? 'accent' : undefined}
        />
      </KeyNumbers>
    </div>
  );
}
