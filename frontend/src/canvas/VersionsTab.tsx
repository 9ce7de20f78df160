/** What was published when and by whom, and how each version looked. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, url } from '@/api/client';
import type { CursorPage, FlowVersion, FlowVersionRow } from '@/api/types';
import { diffGraphs, diffWords, type GraphDiff } from '@/model/diff';
import { placeMissing } from '@/model/graph';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { TimeAgo } from '@/ui/TimeAgo';
import { toast } from '@/ui/toast';
import { useCanvas, useCanvasState } from './context';
import { FlowFrame } from './FlowFrame';
import type { TabProps } from './FlowPage';
import { GraphView } from './GraphView';
import classes from './VersionsTab.module.css';
import type { Marks } from './view';

const NONE: ReadonlySet<string> = new Set();
const nothing = () => undefined;

function useVersion(key: string, number: number | undefined) {
  return useQuery({
    queryKey: ['flow-versions', key, number],
    queryFn: () => get<FlowVersion>(url`/api/flows/${key}/versions/${number ?? 0}/`),
    enabled: number !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const marksOf = (diff: GraphDiff): Marks =>
  new Map([
    ...diff.added.map((id) => [id, 'added'] as const),
    ...diff.changed.map((id) => [id, 'changed'] as const),
  ]);

export function VersionsTab(props: TabProps) {
  const { flow, go, search } = props;
  const { store } = useCanvas();
  const readOnly = useCanvasState((state) => state.readOnly);
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
  const version = useVersion(flow.key, number);
  const earlier = useVersion(flow.key, number && number > 1 ? number - 1 : undefined);
  const diff = useMemo(
    () => (version.data && earlier.data ? diffGraphs(earlier.data, version.data) : null),
    [version.data, earlier.data],
  );
  const marks = useMemo(() => diff && marksOf(diff), [diff]);
  const graph = useMemo(
    () => (version.data ? placeMissing(version.data.graph) : null),
    [version.data],
  );

  if (list.isSuccess && versions.length === 0) {
    return (
      <FlowFrame {...props}>
        <EmptyState
          title="No version yet"
          text="Each time you publish, the flow is kept as a version that never changes."
          action={<Button onClick={() => go({ tab: 'design' })}>Go to the design</Button>}
        />
      </FlowFrame>
    );
  }

  const restore = () => {
    if (!version.data) return;
    const { graph: old, settings } = version.data;
    store.getState().replace({ name: store.getState().name, graph: old, settings });
    toast(`The draft is now as version ${version.data.number}. Undo takes it back.`);
    go({ tab: 'design' });
  };

  return (
    <FlowFrame
      {...props}
      flush
      actions={
        readOnly || !version.data ? null : (
          <Button variant="default" onClick={restore}>
            Use version {version.data.number} as the draft
          </Button>
        )
      }
      asideLabel="Versions"
      aside={
        <ol className={classes.list}>
          {versions.map((each) => (
            <li key={each.number}>
              <button
                type="button"
                aria-current={each.number === number}
                onClick={() => go({ tab: 'versions', version: each.number })}
              >
                <strong>Version {each.number}</strong>
                {each.current && <StatusBadge tone="accent">Current</StatusBadge>}
                <span className={classes.small}>
                  <TimeAgo at={each.published_at} />
                  {each.published_by && ` by ${each.published_by}`}
                </span>
                {each.number === number && diff && (
                  <span className={classes.small}>
                    Against version {each.number - 1}: {diffWords(diff) ?? 'nothing differs'}
                  </span>
                )}
              </button>
            </li>
          ))}
        </ol>
      }
    >
      {graph && (
        <GraphView
          key={number}
          graph={graph}
          marks={marks ?? undefined}
          selected={NONE}
          onSelect={nothing}
          label={`Version ${number} as a drawing`}
        />
      )}
    </FlowFrame>
  );
}
