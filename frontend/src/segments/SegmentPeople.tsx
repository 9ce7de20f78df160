/** The tab "People": who is in the segment; found, exported, put in or taken out by hand. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFileDownload, IconHelp, IconUserMinus, IconUsers } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { ContactRef, Sent } from '@/api/types';
import { PersonCell } from '@/contacts/PersonCell';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { chosenColumn } from '@/ui/chosenColumn';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { number } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { SearchInput } from '@/ui/SearchInput';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { type Chosen, useChosen } from '@/ui/useChosen';
import { AddPeople } from './AddPeople';
import classes from './Segment.module.css';
import type { Segment } from './types';
import { MOST_AT_ONCE, useByHand } from './useByHand';
import { WhyDialog } from './WhyDialog';

type Member = Sent<'Member'>;

const REMOVED: Record<Segment['kind'], string> = {
  static: t`They can be added again by hand.`,
  growing: t`For whom the rule is true, they stay out until it has turned false and true anew.`,
  dynamic: t`For whom the rule is true, they stay out until it has turned false and true anew.`,
};

const idOf = ({ contact }: Member): number => contact.id;

export function SegmentPeople({ segment }: { segment: Segment }) {
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const phone = useMediaQuery('(max-width: 760px)') ?? false;
  const byHand = useByHand(segment);
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<ContactRef | null>(null);
  const [leaving, setLeaving] = useState<Member[]>([]);
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState('all');
  const members = useRows<Member>(
    ['segment', segment.key, 'members'],
    url`/api/segments/${segment.key}/members/`,
    { search, by_hand: only === 'hand' ? true : undefined, limit: 100 },
    30_000,
  );
  const chosen = useChosen(members.rows, idOf);
  const add = (
    <GuardedButton onClick={() => setAdding(true)}>
      <Trans>Add people</Trans>
    </GuardedButton>
  );
  const narrowed = search !== '' || only !== 'all';
  const takeOut = () => {
    const [first, second] = leaving;
    if (!first) return;
    byHand.mutate(
      {
        contacts: leaving.map(({ contact }) => contact.id),
        way: 'remove',
        who: second ? undefined : contactName(first.contact),
      },
      {
        onSettled: () => {
          setLeaving([]);
          chosen.setAll(false);
        },
      },
    );
  };
  const one = leaving.length === 1 ? leaving[0] : undefined;

  return (
    <div className={classes.full}>
      <div className={classes.tools}>
        {chosen.rows.length > 0 ? (
          <div className={classes.chosen}>
            <strong>
              <Trans>
                {plural(chosen.rows.length, { one: '# person', other: '# people' })} chosen
              </Trans>
            </strong>
            <Button
              variant="default"
              leftSection={<IconUserMinus size={15} aria-hidden />}
              disabled={chosen.rows.length > MOST_AT_ONCE}
              onClick={() => setLeaving(chosen.rows)}
            >
              <Trans>Take out…</Trans>
            </Button>
            <Button variant="subtle" onClick={() => chosen.setAll(false)}>
              <Trans>Choose nobody</Trans>
            </Button>
          </div>
        ) : (
          <p>
            <Trans>
              <strong>{number(segment.size)}</strong>{' '}
              {segment.size === 1 ? t`person is` : t`people are`} in this segment now.
            </Trans>
          </p>
        )}
        <div className={classes.toolsRight}>
          <SearchInput
            label={t`Name, e-mail or id`}
            value={search}
            onSearch={setSearch}
            width={200}
          />
          <SegmentedControl
            size="xs"
            aria-label={t`Whom to show`}
            value={only}
            onChange={setOnly}
            data={[
              { value: 'all', label: t`Everybody` },
              { value: 'hand', label: t`By hand` },
            ]}
          />
          <Button
            variant="default"
            component="a"
            href={url`/api/segments/${segment.key}/export/`}
            download
            leftSection={<IconFileDownload size={15} aria-hidden />}
          >
            <Trans>Export CSV</Trans>
          </Button>
          {add}
        </div>
      </div>
      <DataTable
        label={t`People in ${segment.name}`}
        columns={peopleColumns({ segment, canEdit, phone, chosen, ask: setAsked })}
        rowHeight={48}
        rowKey={(member) => member.contact.id}
        onRowClick={({ contact }) =>
          navigate({ to: '/contacts/$id', params: { id: String(contact.id) } })
        }
        empty={
          narrowed ? (
            <EmptyState
              compact
              title={t`Nobody is found`}
              text={
                search
                  ? t`No name, e-mail or id in this segment begins with “${search}”.`
                  : t`Nobody is in it by hand.`
              }
            />
          ) : (
            <EmptyState
              compact
              icon={<IconUsers size={22} />}
              title={t`Nobody is in it now`}
              text={
                segment.kind === 'static'
                  ? t`A static segment is filled once from its rule, and then by hand.`
                  : t`The rule is true for nobody at this moment. Whoever fulfils it joins at once.`
              }
              action={add}
            />
          )
        }
        {...members}
      />
      {asked && (
        <WhyDialog opened onClose={() => setAsked(null)} segment={segment} contact={asked} />
      )}
      {adding && <AddPeople segment={segment} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        opened={leaving.length > 0}
        title={
          one
            ? t`Take ${contactName(one.contact)} out?`
            : t`Take ${plural(leaving.length, { one: '# person', other: '# people' })} out?`
        }
        confirm={t`Take out`}
        danger
        busy={byHand.isPending}
        onClose={() => setLeaving([])}
        onConfirm={takeOut}
      >
        {REMOVED[segment.kind]}
      </ConfirmDialog>
    </div>
  );
}

interface PeopleColumns {
  segment: Segment;
  canEdit: boolean;
  phone: boolean;
  chosen: Chosen<Member>;
  /** Asks why somebody is in it. */
  ask: (contact: ContactRef) => void;
}

function peopleColumns(given: PeopleColumns): Column<Member>[] {
  const { segment, canEdit, phone, chosen, ask } = given;
  const box = chosenColumn(chosen, idOf, ({ contact }) => contactName(contact));
  const held = segment.kind === 'dynamic' ? t`held in` : t`by hand`;
  const who: Column<Member> = {
    key: 'who',
    header: t`Person`,
    width: 'minmax(0, 3fr)',
    render: ({ contact, by_hand: byHand }) => (
      <PersonCell
        contact={contact}
        below={
          phone && byHand ? `${held} · ${contact.email ?? contact.external_id ?? ''}` : undefined
        }
      />
    ),
  };
  const since: Column<Member> = {
    key: 'since',
    header: t`Joined`,
    width: '84px',
    align: 'right',
    render: (member) => <TimeAgo at={member.since} />,
  };
  const why: Column<Member> = {
    key: 'why',
    header: (
      <span className="sr-only">
        <Trans>Why</Trans>
      </span>
    ),
    width: '30px',
    render: ({ contact }) => (
      <Tooltip label={t`Why?`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={26}
          aria-label={t`Why is ${contactName(contact)} in it?`}
          onClick={(event) => {
            event.stopPropagation();
            ask(contact);
          }}
          onKeyDown={(event) => event.stopPropagation()}
        >
          <IconHelp size={15} />
        </ActionIcon>
      </Tooltip>
    ),
  };
  const wide: Column<Member>[] = phone
    ? []
    : [
        {
          key: 'id',
          header: t`External id`,
          width: 'minmax(0, 2fr)',
          render: ({ contact }) => contact.external_id ?? '–',
        },
        {
          key: 'hand',
          header: (
            <span className="sr-only">
              <Trans>By hand</Trans>
            </span>
          ),
          width: '84px',
          render: (member) => member.by_hand && <StatusBadge dot={false}>{held}</StatusBadge>,
        },
      ];
  return [...(canEdit ? [box] : []), who, ...wide, since, why];
}
