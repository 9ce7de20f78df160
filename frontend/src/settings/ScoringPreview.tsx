/** Beside a score rule while it is made: to whom it would give how much. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Loader, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, post } from '@/api/client';
import { PersonCell } from '@/contacts/PersonCell';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import classes from './Scoring.module.css';
import { oftenWords, type ScoreDraft, type ScorePreview, signed, termsOf } from './scoring';

/** Typing has paused for this long (milliseconds) before anything is asked. */
const PAUSE = 300;
/** So many people are shown. */
const SHOWN = 6;

/** `because`: why there is nothing to count yet. */
export function useScorePreview(draft: ScoreDraft, because: string | null) {
  const present = JSON.stringify(termsOf(draft));
  const [text] = useDebouncedValue(present, PAUSE);
  const [exactOf, setExactOf] = useState<string | null>(null);
  const exact = exactOf === text;
  const answer = useQuery({
    queryKey: ['score-preview', text, exact],
    queryFn: ({ signal }) =>
      post<ScorePreview>(
        '/api/score-rules/preview/',
        { ...(JSON.parse(text) as object), ...(exact && { exact }) },
        signal,
      ),
    enabled: because === null && text === present,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return { ...answer, because, countExactly: () => setExactOf(text) };
}

export function ScoringPreview({ preview }: { preview: ReturnType<typeof useScorePreview> }) {
  const { data, error, because, isFetching, countExactly } = preview;
  if (because || (!data && !error && !isFetching)) {
    return (
      <EmptyState
        compact
        title={t`Nobody yet`}
        text={because ?? t`It is counted while you build.`}
      />
    );
  }
  if (error) {
    const text =
      error instanceof ApiError && error.status === 400
        ? t`Something has to be mended first: it is marked at its place.`
        : error.message;
    return <EmptyState compact title={t`This could not be counted`} text={text} />;
  }
  if (!data) return <Skeleton height={160} />;
  const most = Math.max(...data.spread.map((row) => row.contacts), 1);
  return (
    <div className={classes.preview} data-stale={preview.isPlaceholderData || undefined}>
      <h2>{data.days ? t`In the last ${data.days} days` : t`Now`}</h2>
      <p className={classes.count} aria-live="polite">
        <strong>
          {!data.exact && t`about `}
          {number(data.contacts)}
        </strong>{' '}
        {data.contacts === 1 ? t`person` : t`people`}
        {isFetching && <Loader size={14} ml={8} aria-label={t`Counting`} />}
      </p>
      <p className={classes.words}>
        <Trans>
          {data.days ? t`would have been given` : t`would be given`}{' '}
          <strong>{signed(data.points)}</strong> points
          {data.times > data.contacts &&
            t` for ${plural(data.times, { one: '# event', other: '# events' })}`}
          {data.left !== data.points &&
            t`, of which ${number(Math.abs(data.left))} would be left now`}
          .
        </Trans>
      </p>
      {data.days && data.spread.length > 0 && (
        <ul className={classes.spread} aria-label={t`How often`}>
          {data.spread.map((row) => (
            <li key={row.low}>
              <span>{oftenWords(row.low, row.high)}</span>
              <span className={classes.track} aria-hidden>
                <span style={{ width: `${(100 * row.contacts) / most}%` }} />
              </span>
              <span>{number(row.contacts)}</span>
            </li>
          ))}
        </ul>
      )}
      {!data.exact && (
        <Button variant="default" size="compact-xs" onClick={countExactly}>
          <Trans>Count exactly</Trans>
        </Button>
      )}
      {data.sample.length > 0 && (
        <>
          <h3>
            <Trans>For example</Trans>
          </h3>
          <ul className={classes.sample}>
            {data.sample.slice(0, SHOWN).map(({ contact, points }) => (
              <li key={contact.id}>
                <Link to="/contacts/$id" params={{ id: String(contact.id) }}>
                  <PersonCell contact={contact} />
                  <strong className={classes.points} data-takes={points < 0 || undefined}>
                    {signed(points)}
                  </strong>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
