/**
 * The people at a step, or in the whole flow: searched for on the server, page by page, and what
 * can be done for one of them, for those who are chosen, or for all.
 */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { Flow, VisitRow } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { number } from '@/ui/format';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import { useChosen } from '@/ui/useChosen';
import { FollowLink } from './follow/FollowLink';
import classes from './PeopleAt.module.css';
import { PersonMenu } from './PersonMenu';
import { type Whom, whomOf, wordsOf } from './usePeopleActions';

const PAGE = 12;
/** So many pages are asked for anew every few seconds; with more it is done less often. */
const FEW = 3;
const OFTEN = 3_000;
const SELDOM = 20_000;
/** From so many people on there is something to search. */
const SEARCH_FROM = 6;

const idOf = ({ id }: VisitRow): number => id;

export interface PeopleAtProps {
  flow: Flow;
  /** All of the flow where no step is given. */
  node?: string;
  state: 'inside' | 'failed';
  count: number;
  title: string;
}

export function PeopleAt({ flow, node, state, count, title }: PeopleAtProps) {
  const canEdit = useCanEdit() && flow.status !== 'archived';
  const [search, setSearch] = useState('');
  const [pages, setPages] = useState(1);
  const found = useRows<VisitRow>(
    ['flow-visits', flow.key, 'panel'],
    url`/api/flows/${flow.key}/visits/`,
    { node, outcome: state, search: search || undefined, limit: PAGE },
    pages > FEW ? SELDOM : OFTEN,
  );
  const chosen = useChosen(found.rows, idOf);
  const all = everybody({ node, state, search, count, rows: found.rows, more: found.hasMore });
  const more = () => {
    setPages(pages + 1);
    found.more();
  };
  return (
    <section aria-label={title} className={classes.people}>
      <h3>
        <span>
          {title} {!search && <em>{number(count)}</em>}
        </span>
        <span>
          {state === 'failed' ? t`since` : flow.status === 'paused' ? t`would leave` : t`leaves`}
        </span>
      </h3>
      {(count >= SEARCH_FROM || search) && (
        <SearchInput
          label={t`Search by name, e-mail or id`}
          value={search}
          width="100%"
          onSearch={(words) => {
            setSearch(words);
            setPages(1);
            chosen.setAll(false);
          }}
        />
      )}
      {canEdit && found.rows.length > 0 && (
        <div className={classes.tools}>
          <Checkbox
            size="xs"
            label={chosen.rows.length > 0 ? t`${wordsOf(chosen.rows)} chosen` : t`Choose all shown`}
            checked={chosen.all}
            indeterminate={chosen.rows.length > 0 && !chosen.all}
            onChange={(event) => chosen.setAll(event.currentTarget.checked)}
          />
          <PersonMenu
            flow={flow}
            whom={chosen.rows.length > 0 ? whomOf(chosen.rows) : all}
            wide
            words={chosen.rows.length > 0 ? t`Do for them` : t`Do for all`}
            onDone={() => chosen.setAll(false)}
          />
        </div>
      )}
      <ul>
        {found.rows.map((visit) => {
          const name = contactName(visit.contact);
          return (
            <li key={visit.id}>
              {canEdit && (
                <Checkbox
                  size="xs"
                  aria-label={t`Choose ${name}`}
                  checked={chosen.has(visit.id)}
                  onChange={() => chosen.toggle(visit.id)}
                />
              )}
              <Link
                to="/contacts/$id"
                params={{ id: String(visit.contact.id) }}
                search={{ tab: 'flows' }}
                className={classes.who}
              >
                <Avatar name={name} />
                <span className={classes.person}>
                  <strong>{name}</strong>
                  <Since visit={visit} live={flow.version} />
                </span>
                {visit.outcome === 'failed' ? (
                  <TimeAgo at={visit.failed_at ?? visit.arrived_at} />
                ) : (
                  visit.until && <TimeAgo at={visit.until} />
                )}
              </Link>
              <FollowLink flow={flow.key} visit={visit.id} name={name} />
              <PersonMenu flow={flow} whom={whomOf([visit])} />
            </li>
          );
        })}
      </ul>
      {found.isPending && <p className={classes.quiet}>{t`Looking …`}</p>}
      {found.error && <p className={classes.quiet}>{found.error.message}</p>}
      {search && !found.isPending && found.rows.length === 0 && !found.error && (
        <p className={classes.quiet}>
          <Trans>Nobody here whose name, e-mail or id begins with “{search}”.</Trans>
        </p>
      )}
      {found.hasMore && (
        <div className={classes.more}>
          <Button variant="default" size="compact-sm" loading={found.isFetchingMore} onClick={more}>
            <Trans>Show more</Trans>
          </Button>
          <Link
            to="/flows/$key"
            params={{ key: flow.key }}
            search={{ tab: 'people', ...(node && { node }), outcome: state }}
          >
            <Trans>All as a table</Trans>
          </Link>
        </div>
      )}
    </section>
  );
}

function Since({ visit, live }: { visit: VisitRow; live: number | null }) {
  if (visit.error) {
    return (
      <small className={classes.error} title={visit.error}>
        {visit.error}
      </small>
    );
  }
  return (
    <small>
      <Trans>
        arrived <TimeAgo at={visit.arrived_at ?? visit.entered_at} />
      </Trans>
      {live !== null && visit.version !== live && t`, version ${visit.version}`}
    </small>
  );
}

interface Asked {
  node: string | undefined;
  state: 'inside' | 'failed';
  search: string;
  count: number;
  rows: readonly VisitRow[];
  more: boolean;
}

/** Whom "all" means: everybody at the step or in the flow, or whom the search finds. */
function everybody({ node, state, search, count, rows, more }: Asked): Whom | null {
  if (rows.length === 0) return null;
  if (search && !more) return whomOf(rows);
  const where = node === undefined ? { all: true as const } : { node };
  const words = search
    ? t`everybody found by “${search}”`
    : count === 1
      ? t`who is here`
      : state === 'failed'
        ? t`all ${plural(count, { one: '# person', other: '# people' })} who failed`
        : t`all ${plural(count, { one: '# person', other: '# people' })} here`;
  return {
    choose: { ...where, failed: state === 'failed', ...(search && { search }) },
    count: search ? Math.max(2, rows.length) : count,
    words,
    state,
    node: node ?? null,
  };
}
