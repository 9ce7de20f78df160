/** Watching a flow: the published graph with the people in it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { get, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { FlowCounts } from '@/api/types';
import type { FlowSearch } from '@/app/router';
import { useCanvas, useLive } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import { useShortcuts } from '@/canvas/useShortcuts';
import { nodeOf, placeMissing } from '@/model/graph';
import { EmptyState } from '@/ui/EmptyState';
import { FlowPanel } from './FlowPanel';
import { LiveBar } from './LiveBar';
import { NodePanel } from './NodePanel';
import { PauseButton } from './Pause';
import { usePeriod } from './usePeriod';

const HELD_POLL = 3_000;

export function LiveTab(props: TabProps) {
  const { flow, go, search, tab } = props;
  const { live } = useCanvas();
  const { range = 'all', heat = null } = search;
  const graph = useMemo(
    () => (flow.live_graph ? placeMissing(flow.live_graph) : null),
    [flow.live_graph],
  );
  const chosen = search.node && graph ? nodeOf(graph, search.node) : undefined;
  const selected = useMemo(() => new Set(chosen ? [chosen.id] : []), [chosen]);
  const show = useCallback(
    (change: Partial<FlowSearch>) => {
      const next = { tab, node: search.node, range: search.range, heat: search.heat, ...change };
      go(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)));
    },
    [go, tab, search.node, search.range, search.heat],
  );
  const select = useCallback(
    (nodes: Set<string>) => {
      const [node] = nodes.size > 1 ? [...nodes].slice(-1) : nodes;
      show({ node });
    },
    [show],
  );
  useShortcuts(select, selected);
  usePeriod(flow.key, range);
  useEffect(() => live.getState().heatBy(heat), [live, heat]);
  useStatusNews(flow.key, flow.status);
  useHeldNews(flow.key, flow.status === 'paused');

  if (!graph) {
    return (
      <FlowFrame {...props}>
        <EmptyState
          title={t`Nothing is live yet`}
          text={t`When this flow is published, you will see here who is at each step, as it happens.`}
          action={
            <Button onClick={() => go({ tab: 'design' })}>
              <Trans>Go to the design</Trans>
            </Button>
          }
        />
      </FlowFrame>
    );
  }
  return (
    <FlowFrame
      {...props}
      flush
      actions={
        <>
          <PauseButton flow={flow} />
          <EditButton {...props} />
        </>
      }
      aside={
        chosen ? (
          <NodePanel key={chosen.id} flow={flow} node={chosen} />
        ) : (
          <FlowPanel flow={flow} graph={graph} onNode={(node) => show({ node })} />
        )
      }
      asideLabel={chosen ? t`The chosen step` : t`The flow`}
    >
      <GraphView
        graph={graph}
        selected={selected}
        onSelect={select}
        label={t`The live flow as a drawing. Arrow keys go from step to step.`}
      />
      <LiveBar
        flow={flow}
        range={range}
        heat={heat}
        onRange={(next) => show({ range: next === 'all' ? undefined : next })}
        onHeat={(next) => show({ heat: next ?? undefined })}
      />
    </FlowFrame>
  );
}

/** Somebody else may pause the flow or publish it: the socket says so, and the page asks anew. */
function useStatusNews(key: string, status: string): void {
  const client = useQueryClient();
  const heard = useLive((state) => state.counts.status);
  const differs = heard !== null && heard !== status;
  useEffect(() => {
    if (differs) void client.invalidateQueries({ queryKey: ['flow', key] });
  }, [client, key, differs]);
}

/** Nobody moves in a paused flow, so the socket is silent: who falls due is asked for. */
function useHeldNews(key: string, paused: boolean): void {
  const { live } = useCanvas();
  const { data } = useQuery({
    queryKey: ['flow-counts', key],
    queryFn: () => get<FlowCounts>(url`/api/flows/${key}/counts/`),
    refetchInterval: HELD_POLL,
    gcTime: 0,
    enabled: paused,
  });
  useEffect(() => {
    if (paused && data) live.getState().resync(data);
  }, [live, paused, data]);
}

function EditButton({ flow, go }: TabProps) {
  const canEdit = useCanEdit();
  if (!canEdit || flow.status === 'archived') return null;
  return (
    <Button onClick={() => go({ tab: 'design' })}>
      <Trans>Edit flow</Trans>
    </Button>
  );
}
