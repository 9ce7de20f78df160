/** Finds somebody among those who came through the flow, to be followed. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Popover, Skeleton, UnstyledButton } from '@mantine/core';
import { IconWalk } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, url } from '@/api/client';
import type { CursorPage, VisitRow } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import { contactName } from '@/ui/contact';
import { SearchInput } from '@/ui/SearchInput';
import { TimeAgo } from '@/ui/TimeAgo';
import bar from '../LiveBar.module.css';
import classes from './Follow.module.css';
import { OUTCOMES } from './words';

interface FollowSomeoneProps {
  flowKey: string;
  onFollow: (visit: number) => void;
}

export function FollowSomeone({ flowKey, onFollow }: FollowSomeoneProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width={300}
      position="bottom-end"
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={bar.tool}
          aria-label={t`Follow someone…`}
          onClick={() => setOpened(!opened)}
        >
          <IconWalk size={15} stroke={1.8} aria-hidden />
          <Trans>Follow…</Trans>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Follow someone…`}>
        <Found
          flowKey={flowKey}
          onFollow={(visit) => {
            setOpened(false);
            onFollow(visit);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Found({ flowKey, onFollow }: FollowSomeoneProps) {
  const [search, setSearch] = useState('');
  const { data, isPending, error } = useQuery({
    queryKey: ['flow-visits', flowKey, 'follow', search],
    queryFn: ({ signal }) =>
      get<CursorPage<VisitRow>>(
        url`/api/flows/${flowKey}/visits/`,
        { search: search || undefined, limit: 8 },
        signal,
      ),
  });
  return (
    <div className={classes.finder}>
      <SearchInput
        label={t`Name, e-mail or id`}
        value={search}
        onSearch={setSearch}
        width="100%"
        autoFocus
      />
      {isPending && [1, 2, 3].map((line) => <Skeleton key={line} height={34} />)}
      {error && <p className={classes.quiet}>{error.message}</p>}
      {data?.results.length === 0 && (
        <p className={classes.quiet}>
          {search ? t`Nobody of this flow is found by “${search}”.` : t`Nobody has come in yet.`}
        </p>
      )}
      <ul>
        {data?.results.map((visit) => {
          const name = contactName(visit.contact);
          return (
            <li key={visit.id}>
              <UnstyledButton className={classes.person} onClick={() => onFollow(visit.id)}>
                <Avatar name={name} />
                <span>
                  <strong>{name}</strong>
                  <small>
                    <Trans>
                      {OUTCOMES[visit.outcome]}, came in <TimeAgo at={visit.entered_at} />
                    </Trans>
                  </small>
                </span>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
