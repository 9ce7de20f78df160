/**
 * What was published when and by whom; any two editions compared, in words and on the canvas; the
 * ways back: into the draft, or live at once.
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Menu, Select } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconPencil } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { get, url } from '@/api/client';
import type { CursorPage, Flow, FlowDiff, FlowVersion, FlowVersionRow, Graph } from '@/api/types';
import { placeMissing } from '@/model/graph';
import { diffLines, diffSummary, overlay } from '@/model/overlay';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast } from '@/ui/toast';
import { useCanvas, useCanvasState } from './context';
import { DiffMark } from './DiffMark';
import { FlowFrame } from './FlowFrame';
import type { TabProps } from './FlowPage';
import { GraphView } from './GraphView';
import { RollbackDialog } from './RollbackDialog';
import { useFollow } from './sight';
import classes from './VersionsTab.module.css';

/** In the address, the draft is version 0; it is compared with nothing by -1. */
const DRAFT = 0;
const NOTHING = -1;
const nothing = () => undefined;

const editionName = (number: number): string =>
  number === DRAFT ? t`the draft` : t`version ${number}`;

function useVersion(key: string, number: number) {
  return useQuery({
    queryKey: ['flow-versions', key, number],
    queryFn: () => get<FlowVersion>(url`/api/flows/${key}/versions/${number}/`),
    enabled: number > DRAFT,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The graph of an edition, every step in its place; null until it is known. */
function useEdition(flow: Flow, number: number): Graph | null {
  const version = useVersion(flow.key, number);
  const graph = number === DRAFT ? flow.graph : version.data?.graph;
  return useMemo(() => (graph ? placeMissing(graph) : null), [graph]);
}

function useDiff(flow: Flow, from: number, to: number) {
  const word = (number: number) => (number === DRAFT ? 'draft' : number);
  const draft = from === DRAFT || to === DRAFT ? flow.revision : null;
  return useQuery({
    queryKey: ['flow-versions', flow.key, 'diff', from, to, draft],
    queryFn: () =>
      get<FlowDiff>(url`/api/flows/${flow.key}/diff/`, { from: word(from), to: word(to) }),
    enabled: from !== NOTHING && from !== to,
    placeholderData: draft === null ? undefined : keepPreviousData,
  });
}

export function VersionsTab(props: TabProps) {
  const { flow, go, search } = props;
  const list = useQuery({
    queryKey: ['flow-versions', flow.key],
    queryFn: async () => {
      const answer = await get<CursorPage<FlowVersionRow> | FlowVersionRow[]>(
        url`/api/flows/${flow.key}/versions/`,
      );
      return Array.isArray(answer) ? answer : answer.results;
    },
  });
  const versions = list.data ?? [];
  const number =
    search.version ?? versions.find((each) => each.current)?.number ?? versions[0]?.number;

  if (list.isSuccess && versions.length === 0) {
    return (
      <FlowFrame {...props}>
        <EmptyState
          title={t`No version yet`}
          text={t`Each time you publish, the flow is kept as a version that never changes.`}
          action={
            <Button onClick={() => go({ tab: 'design' })}>
              <Trans>Go to the design</Trans>
            </Button>
          }
        />
      </FlowFrame>
    );
  }
  if (number === undefined) return <FlowFrame {...props}>{null}</FlowFrame>;
  return <Compared {...props} versions={versions} number={number} />;
}

interface ComparedProps extends TabProps {
  versions: FlowVersionRow[];
  /** The edition that is looked at. */
  number: number;
}

function Compared({ versions, number, ...props }: ComparedProps) {
  const { flow, go, search } = props;
  const before = versions.find((each) => each.number < number)?.number;
  const usual = number === DRAFT ? (flow.version ?? NOTHING) : (before ?? NOTHING);
  const against = search.against ?? usual;
  const [picked, setPicked] = useState<string | null>(null);
  const graph = useEdition(flow, number);
  const other = useEdition(flow, against);
  const diff = useDiff(flow, against, number);
  const drawn = useMemo(
    () => (graph && other && diff.data ? overlay(other, graph, diff.data) : null),
    [graph, other, diff.data],
  );
  const selected = useMemo(() => new Set(picked ? [picked] : []), [picked]);
  const show = (next: { version?: number; against?: number }) => {
    setPicked(null);
    go({ tab: 'versions', version: number, ...next });
  };
  const choices = [
    { value: String(NOTHING), label: t`nothing` },
    { value: String(DRAFT), label: t`the draft` },
    ...versions.map((each) => ({ value: String(each.number), label: t`version ${each.number}` })),
  ].filter((each) => each.value !== String(number));
  useFollow(drawn?.graph, picked);
  const view = drawn ?? (graph && (against === NOTHING || against === number) ? { graph } : null);

  return (
    <FlowFrame
      {...props}
      flush
      actions={number === DRAFT ? null : <Ways key={number} {...props} number={number} />}
      asideLabel={t`Versions`}
      aside={
        <div className={classes.panel}>
          <Select
            label={number === DRAFT ? t`The draft against` : t`Version ${number} against`}
            data={choices}
            value={String(against)}
            allowDeselect={false}
            comboboxProps={{ shadow: 'md' }}
            onChange={(next) => show({ against: Number(next) })}
          />
          {against !== NOTHING && diff.error && <p className={classes.bad}>{diff.error.message}</p>}
          {against !== NOTHING && diff.data && (
            <Difference diff={diff.data} words={editionName(against)} onPick={setPicked} />
          )}
          <ol className={classes.list} aria-label={t`Editions`}>
            <li>
              <Edition current={number === DRAFT} onClick={() => show({ version: DRAFT })}>
                <strong>
                  <Trans>The draft</Trans>
                </strong>
                <span className={classes.small}>
                  <Trans>
                    changed <TimeAgo at={flow.updated_at} />
                  </Trans>
                </span>
              </Edition>
            </li>
            {versions.map((each) => (
              <li key={each.number}>
                <Edition
                  current={each.number === number}
                  onClick={() => show({ version: each.number })}
                >
                  <strong>
                    <Trans>Version {each.number}</Trans>
                  </strong>
                  {each.current && (
                    <StatusBadge tone="accent">
                      <Trans>Current</Trans>
                    </StatusBadge>
                  )}
                  <span className={classes.small}>
                    <TimeAgo at={each.published_at} />
                    {each.published_by && t` by ${each.published_by}`}
                  </span>
                </Edition>
              </li>
            ))}
          </ol>
        </div>
      }
    >
      {view && (
        <GraphView
          key={`${number} ${drawn ? against : ''}`}
          graph={view.graph}
          marks={drawn?.marks}
          selected={selected}
          onSelect={nothing}
          label={number === DRAFT ? t`The draft as a drawing` : t`Version ${number} as a drawing`}
        />
      )}
    </FlowFrame>
  );
}

interface EditionProps {
  current: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Edition({ current, onClick, children }: EditionProps) {
  return (
    <button type="button" aria-current={current} onClick={onClick}>
      {children}
    </button>
  );
}

interface DifferenceProps {
  diff: FlowDiff;
  words: string;
  onPick: (node: string) => void;
}

function Difference({ diff, words, onPick }: DifferenceProps) {
  const lines = diffLines(diff);
  if (lines.length === 0) {
    return (
      <p className={classes.same}>
        <Trans>Nothing differs from {words}.</Trans>
      </p>
    );
  }
  return (
    <section aria-label={t`What differs`} className={classes.difference}>
      <h2>{diffSummary(diff)}</h2>
      <ul>
        {lines.map((line) => (
          <li key={line.words}>
            <DiffMark kind={line.kind} />
            {line.node ? (
              <button type="button" onClick={() => line.node && onPick(line.node)}>
                {line.words}
              </button>
            ) : (
              <span>{line.words}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The ways back to an earlier version. */
function Ways({ flow, go, number }: TabProps & { number: number }) {
  const { store } = useCanvas();
  const readOnly = useCanvasState((state) => state.readOnly);
  const version = useVersion(flow.key, number);
  const [asked, setAsked] = useState(false);
  if (readOnly || !version.data) return null;
  const found = version.data;
  const restore = () => {
    const { graph, settings } = found;
    store.getState().replace({ name: store.getState().name, graph, settings });
    toast(t`The draft is now as version ${number}. Undo takes it back.`);
    go({ tab: 'design' });
  };
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={250}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            <Trans>Use version {number}</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={14} />} onClick={restore}>
            <Trans>As the draft, to go on from it</Trans>
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowBackUp size={14} />}
            disabled={number === flow.version || flow.status === 'archived'}
            onClick={() => setAsked(true)}
          >
            <Trans>Live again at once…</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked && (
        <RollbackDialog
          flow={flow}
          version={found}
          onClose={() => setAsked(false)}
          onDone={() => go({ tab: 'live' })}
        />
      )}
    </>
  );
}
