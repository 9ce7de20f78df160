/** Watching a flow: the published graph with the people in it. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { get, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Flow, FlowCounts } from '@/api/types';
import type { FlowSearch } from '@/app/router';
import { useCanvas, useLive } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import { useShortcuts } from '@/canvas/useShortcuts';
import { nodeOf, placeMissing } from '@/model/graph';
import { EmptyState } from '@/ui/EmptyState';
import { FlowPanel } from './FlowPanel';
import follow from './follow/Follow.module.css';
import { FollowLayer } from './follow/FollowLayer';
import { FollowPanel } from './follow/FollowPanel';
import { NotFollowed } from './follow/NotFollowed';
import { type Following, useFollowing, useStopByKey } from './follow/useFollowing';
import { LiveBar } from './LiveBar';
import { NodePanel } from './NodePanel';
import { PauseButton } from './Pause';
import { usePeriod } from './usePeriod';

const HELD_POLL = 3_000;

export function LiveTab(props: TabProps) {
  const { flow, go, search, tab } = props;
  const { live } = useCanvas();
  const { range = 'all', heat = null } = search;
  const published = useMemo(
    () => (flow.live_graph ? placeMissing(flow.live_graph) : null),
    [flow.live_graph],
  );
  const following = useFollowing(flow, published, search.visit);
  const { followed } = following;
  const graph = followed?.graph ?? published;
  const chosen = search.node && graph ? nodeOf(graph, search.node) : undefined;
  const selected = useMemo(() => new Set(chosen ? [chosen.id] : []), [chosen]);
  const show = useCallback(
    (change: Partial<FlowSearch>) => {
      const { node, range, heat, visit } = search;
      const next = { tab, node, range, heat, visit, ...change };
      go(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)));
    },
    [go, tab, search],
  );
  const select = useCallback(
    (nodes: Set<string>) => {
      const [node] = nodes.size > 1 ? [...nodes].slice(-1) : nodes;
      show({ node });
    },
    [show],
  );
  const stop = useCallback(() => show({ visit: undefined }), [show]);
  useStopByKey(search.visit === undefined ? null : stop);
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
        search.visit !== undefined ? (
          <FollowedPanel
            flow={flow}
            following={following}
            chosen={chosen?.id}
            onStep={(node) => show({ node })}
            onVisit={(visit) => show({ visit, node: undefined })}
            onStop={stop}
          />
        ) : chosen ? (
          <NodePanel key={chosen.id} flow={flow} node={chosen} />
        ) : (
          <FlowPanel flow={flow} graph={graph} onNode={(node) => show({ node })} />
        )
      }
      asideLabel={
        search.visit !== undefined ? t`Who is followed` : chosen ? t`The chosen step` : t`The flow`
      }
    >
      <div className={followed ? `${follow.canvas} ${follow.following}` : follow.canvas}>
        <GraphView
          graph={graph}
          selected={selected}
          onSelect={select}
          marks={followed?.lit.marks}
          label={t`The live flow as a drawing. Arrow keys go from step to step.`}
        />
        {followed && <FollowLayer {...followed} pointed={following.pointed} chosen={chosen?.id} />}
      </div>
      <LiveBar
        flow={flow}
        range={range}
        heat={heat}
        onRange={(next) => show({ range: next === 'all' ? undefined : next })}
        onHeat={(next) => show({ heat: next ?? undefined })}
        onFollow={(visit) => show({ visit, node: undefined })}
      />
    </FlowFrame>
  );
}

interface FollowedPanelProps {
  flow: Flow;
  following: Following;
  chosen: string | undefined;
  onStep: (node: string) => void;
  onVisit: (visit: number) => void;
  onStop: () => void;
}

function FollowedPanel({ following, ...props }: FollowedPanelProps) {
  const { followed, point, again } = following;
  if (!followed) return <NotFollowed following={following} onStop={props.onStop} />;
  const { visit, name, graph } = followed;
  return (
    <FollowPanel
      key={visit.id}
      visit={visit}
      name={name}
      graph={graph}
      onPoint={point}
      onChanged={again}
      {...props}
    />
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
