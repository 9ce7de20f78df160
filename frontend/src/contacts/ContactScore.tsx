/** A contact's score: what each rule has come to in it, and the ledger that it is the sum of. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Skeleton } from '@mantine/core';
import { IconStars } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get, pathOf, url } from '@/api/client';
import { pollFew } from '@/api/queries';
import type { Sent } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { number, sentence } from '@/ui/format';
import { Instant } from '@/ui/Instant';
import page from './Contact.module.css';
import classes from './ContactScore.module.css';

type Score = Sent<'ContactScore'>;
type RuleRef = Score['by_rule'][number]['rule'];

const signed = (points: number): string =>
  points < 0 ? `– ${number(-points)}` : `+ ${number(points)}`;

export function ContactScore({ contact }: { contact: string }) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['contact', contact, 'score'],
    queryFn: ({ pageParam, signal }) =>
      get<Score>(
        pageParam === null ? url`/api/contacts/${contact}/score/` : pathOf(pageParam),
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: pollFew(10_000),
  });
  const first = data?.pages[0];
  if (error && !first) {
    return <EmptyState compact title={t`This cannot be shown`} text={error.message} />;
  }
  if (!first) return <Skeleton height={200} maw={720} />;
  const entries = data.pages.flatMap((each) => each.results);
  if (entries.length === 0) {
    return (
      <EmptyState
        compact
        icon={<IconStars size={22} />}
        title={t`No points so far`}
        text={t`What score rules and flows give and take is listed here, entry by entry.`}
        action={
          <Link to="/settings" search={{ tab: 'scoring' }} className={classes.link}>
            <Trans>Score rules</Trans>
          </Link>
        }
      />
    );
  }
  const most = Math.max(...first.by_rule.map((each) => Math.abs(each.points)), 1);
  return (
    <div className={page.stack}>
      <section className={classes.frame} aria-label={t`By rule`}>
        {first.by_rule.map(({ rule, points }) => (
          <div key={rule ? `${rule.key} ${rule.deleted}` : ''} className={classes.rule}>
            <RuleName rule={rule} />
            <span className={classes.track} data-takes={points < 0 || undefined} aria-hidden>
              <span style={{ width: `${(100 * Math.abs(points)) / most}%` }} />
            </span>
            <strong data-takes={points < 0 || undefined}>{signed(points)}</strong>
          </div>
        ))}
        <div className={classes.sum}>
          <span>
            <Trans>Score</Trans>
          </span>
          <strong>{number(first.score)}</strong>
        </div>
      </section>
      <ol className={classes.frame} aria-label={t`Ledger`}>
        {entries.map((entry) => (
          <li key={entry.id} className={classes.entry}>
            <Instant at={entry.at} />
            <span className={classes.why}>
              {sentence(entry.words || t`Changed`).replace(/\.$/, '')}
              {entry.rule && (
                <small>
                  <RuleName rule={entry.rule} />
                </small>
              )}
            </span>
            <strong data-takes={entry.delta < 0 || undefined}>{signed(entry.delta)}</strong>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
          className={classes.more}
        >
          <Trans>Show earlier</Trans>
        </Button>
      )}
    </div>
  );
}

function RuleName({ rule }: { rule: RuleRef }) {
  if (!rule)
    return (
      <span>
        <Trans>By flows and by hand</Trans>
      </span>
    );
  if (rule.deleted)
    return (
      <span>
        <Trans>{rule.name} (deleted)</Trans>
      </span>
    );
  return (
    <Link to="/settings" search={{ tab: 'scoring', rule: rule.key }} className={classes.link}>
      {rule.name}
    </Link>
  );
}
