/** Everybody who came through the flow, by step and by outcome. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { url } from '@/api/client';
import { useCanEdit, useRows } from '@/api/queries';
import type { VisitOutcome, VisitRow } from '@/api/types';
import { FlowFailures } from '@/live/Failures';
import { FollowLink } from '@/live/follow/FollowLink';
import { PersonMenu } from '@/live/PersonMenu';
import { whomOf, wordsOf } from '@/live/usePeopleActions';
import { useFailures } from '@/live/useRepair';
import { Avatar } from '@/ui/Avatar';
import { chosenColumn } from '@/ui/chosenColumn';
import { contactName } from '@/ui/contact';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { SearchInput } from '@/ui/SearchInput';
import { StatusBadge, type Tone } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { useChosen } from '@/ui/useChosen';
import { AddPerson } from './AddPerson';
import { useLive } from './context';
import { FlowFrame } from './FlowFrame';
import type { TabProps } from './FlowPage';
import classes from './PeopleTab.module.css';
import { useTitleIn } from './useTitles';

const OUTCOMES: { value: VisitOutcome; label: string }[] = [
  { value: 'inside', label: t`Inside` },
  { value: 'converted', label: t`Converted` },
  { value: 'completed', label: t`Completed` },
  { value: 'exited', label: t`Left` },
  { value: 'failed', label: t`Failed` },
];
const idOf = ({ id }: VisitRow): number => id;
const TONES: Record<string, Tone> = { inside: 'accent', failed: 'bad' };

export function PeopleTab(props: TabProps) {
  const { flow, go, search } = props;
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const { node, outcome, find } = search;
  const filter = (part: Partial<typeof search>) => {
    const next = { node, outcome, find, ...part };
    go({
      tab: 'people',
      ...(next.find && { find: next.find }),
      ...(next.node && { node: next.node }),
      ...(next.outcome && { outcome: next.outcome }),
    });
  };
  const [adding, setAdding] = useState(false);
  const visits = useRows<VisitRow>(
    ['flow-visits', flow.key],
    url`/api/flows/${flow.key}/visits/`,
    { node, outcome, search: find, limit: 50 },
    10_000,
  );
  const graph = flow.live_graph ?? flow.graph;
  const title = useTitleIn(graph);
  const chosen = useChosen(visits.rows, idOf);
  const failed = useLive((state) => state.counts.totals.failed);
  const failures = useFailures(flow.key, failed > 0 && outcome === 'failed');
  const groups = (failures.data ?? []).filter((group) => !node || group.node === node);

  const columns: Column<VisitRow>[] = [
    ...(canEdit ? [chosenColumn(chosen, idOf, (visit) => contactName(visit.contact))] : []),
    {
      key: 'contact',
      header: t`Contact`,
      width: 'minmax(0, 1.3fr)',
      render: ({ contact }) => (
        <span className={classes.contact}>
          <Avatar name={contactName(contact)} size={24} />
          {contactName(contact)}
        </span>
      ),
    },
    {
      key: 'outcome',
      header: t`State`,
      width: '120px',
      render: ({ outcome: state }) => (
        <StatusBadge tone={TONES[state ?? 'inside'] ?? 'quiet'}>
          {OUTCOMES.find((each) => each.value === (state ?? 'inside'))?.label ?? state}
        </StatusBadge>
      ),
    },
    {
      key: 'node',
      header: t`Step`,
      width: 'minmax(0, 2fr)',
      render: ({ node, error, reason }) => (
        <span title={error || reason || undefined}>
          {title(node)}
          {(error || reason) && (
            <span className={error ? classes.bad : classes.quiet}> · {error || reason}</span>
          )}
        </span>
      ),
    },
    {
      key: 'entered',
      header: t`Came in`,
      width: '110px',
      render: ({ entered_at }) => <TimeAgo at={entered_at} />,
    },
    {
      key: 'until',
      header: t`Goes on`,
      width: '110px',
      align: 'right',
      render: ({ until }) => <TimeAgo at={until} />,
    },
    {
      key: 'follow',
      header: (
        <span className="sr-only">
          <Trans>Follow</Trans>
        </span>
      ),
      width: '30px',
      render: ({ id, contact }) => (
        <FollowLink flow={flow.key} visit={id} name={contactName(contact)} />
      ),
    },
    ...(canEdit
      ? [
          {
            key: 'do',
            header: (
              <span className="sr-only">
                <Trans>What to do</Trans>
              </span>
            ),
            width: '30px',
            render: (visit: VisitRow) => <PersonMenu flow={flow} whom={whomOf([visit])} />,
          },
        ]
      : []),
  ];

  return (
    <FlowFrame
      {...props}
      actions={
        canEdit && flow.status === 'live' ? (
          <Button variant="default" onClick={() => setAdding(true)}>
            <Trans>Add a person…</Trans>
          </Button>
        ) : null
      }
    >
      <div className={classes.page}>
        <div className={classes.tools}>
          {chosen.rows.length > 0 ? (
            <Group gap={8}>
              <strong>
                <Trans>{wordsOf(chosen.rows)} chosen</Trans>
              </strong>
              <PersonMenu
                flow={flow}
                whom={whomOf(chosen.rows)}
                wide
                onDone={() => chosen.setAll(false)}
              />
              <Button variant="subtle" onClick={() => chosen.setAll(false)}>
                <Trans>Choose nobody</Trans>
              </Button>
              {!whomOf(chosen.rows) && (
                <span className={classes.quiet}>
                  <Trans>
                    Something can be done for people who are all inside, or have all failed.
                  </Trans>
                </span>
              )}
            </Group>
          ) : (
            <Group gap={8}>
              <SearchInput
                label={t`Search by name, e-mail or id`}
                value={find}
                onSearch={(words) => filter({ find: words || undefined })}
              />
              <Select
                aria-label={t`State`}
                placeholder={t`Any state`}
                clearable
                data={OUTCOMES}
                value={outcome ?? null}
                onChange={(next) =>
                  filter({ outcome: OUTCOMES.find((each) => each.value === next)?.value })
                }
              />
              <Select
                aria-label={t`Step`}
                placeholder={t`At any step`}
                clearable
                searchable
                w={260}
                data={graph.nodes.map((each) => ({ value: each.id, label: title(each.id) }))}
                value={node ?? null}
                onChange={(next) => filter({ node: next ?? undefined })}
              />
            </Group>
          )}
        </div>
        {groups.length > 0 && (
          <div className={classes.failures}>
            <FlowFailures flow={flow} groups={groups} onNode={(id) => filter({ node: id })} />
          </div>
        )}
        <DataTable
          label={t`People in this flow`}
          columns={columns}
          {...visits}
          rowKey={(visit) => visit.id}
          onRowClick={({ contact }) =>
            void navigate({
              to: '/contacts/$id',
              params: { id: String(contact.id) },
              search: { tab: 'flows' },
            })
          }
          empty={
            <EmptyState
              title={outcome || node || find ? t`Nobody fits` : t`Nobody has come in yet`}
              text={
                outcome || node || find
                  ? t`Search for something else, or choose another state or step.`
                  : flow.version === null
                    ? t`Publish the flow, and whoever comes in is listed here.`
                    : t`Whoever comes in is listed here, with where they are and when they go on.`
              }
            />
          }
        />
      </div>
      <AddPerson flowKey={flow.key} opened={adding} onClose={() => setAdding(false)} />
    </FlowFrame>
  );
}
