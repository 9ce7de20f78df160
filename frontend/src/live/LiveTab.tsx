/** Watching a flow: the published graph with the people in it. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Flow } from '@/api/types';
import { useCanvas, useLive } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import { useShortcuts } from '@/canvas/useShortcuts';
import { nodeOf, placeMissing } from '@/model/graph';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { EmptyState } from '@/ui/EmptyState';
import { number, percent } from '@/ui/format';
import { toast, toastError } from '@/ui/toast';
import classes from './LiveTab.module.css';
import { FlowPanel, NodePanel } from './NodePanel';

export function LiveTab(props: TabProps) {
  const { flow, go, search, tab } = props;
  const graph = useMemo(
    () => (flow.live_graph ? placeMissing(flow.live_graph) : null),
    [flow.live_graph],
  );
  const chosen = search.node && graph ? nodeOf(graph, search.node) : undefined;
  const selected = useMemo(() => new Set(chosen ? [chosen.id] : []), [chosen]);
  const select = useCallback(
    (nodes: Set<string>) => {
      const [node] = nodes.size > 1 ? [...nodes].slice(-1) : nodes;
      go({ tab, ...(node && { node }) });
    },
    [go, tab],
  );
  useShortcuts(select, selected);

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
      actions={<LiveActions flow={flow} onEdit={() => go({ tab: 'design' })} />}
      aside={
        chosen ? (
          <NodePanel key={chosen.id} flow={flow} node={chosen} />
        ) : (
          <FlowPanel flow={flow} graph={graph} onNode={(node) => go({ tab, node })} />
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
      <Totals running={flow.status === 'live'} />
    </FlowFrame>
  );
}

function Totals({ running }: { running: boolean }) {
  const totals = useLive((state) => state.counts.totals);
  const rate = useLive((state) => state.counts.rate);
  const connection = useLive((state) => state.connection);
  const known = useLive((state) => state.counts.seq >= 0);
  if (!known && connection !== 'open') {
    return (
      <div className={classes.totals} role="status">
        {connection === 'refused' ? t`The live view was refused` : t`Connecting…`}
      </div>
    );
  }
  return (
    <div className={classes.totals} role="status" aria-live="off">
      <span>
        <Trans>
          <strong>{number(totals.inside)}</strong> inside
        </Trans>
      </span>
      <span>
        <Trans>
          <strong>{number(totals.entered)}</strong> entered
        </Trans>
      </span>
      <span title={t`${number(totals.converted)} of ${number(totals.entered)}`}>
        <Trans>
          <strong>{percent(totals.converted, totals.entered)}</strong> converted
        </Trans>
      </span>
      {totals.failed > 0 && (
        <span className={classes.bad}>
          <Trans>
            <strong>{number(totals.failed)}</strong> failed
          </Trans>
        </span>
      )}
      {rate !== null && running && (
        <span>
          <Trans>
            <strong>{number(Math.round(rate))}</strong> / min
          </Trans>
        </span>
      )}
      {connection !== 'open' && (
        <span className={classes.lost}>
          <Trans>Reconnecting…</Trans>
        </span>
      )}
    </div>
  );
}

function LiveActions({ flow, onEdit }: { flow: Flow; onEdit: () => void }) {
  const client = useQueryClient();
  const { live } = useCanvas();
  const canEdit = useCanEdit();
  const [asked, setAsked] = useState(false);
  const paused = flow.status === 'paused';
  const toggle = useMutation({
    mutationFn: () =>
      paused
        ? post<Flow>(url`/api/flows/${flow.key}/resume/`)
        : post<Flow>(url`/api/flows/${flow.key}/pause/`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['flow', flow.key] });
      void client.invalidateQueries({ queryKey: ['flows'] });
      toast(paused ? t`The flow runs again.` : t`The flow is paused.`);
      setAsked(false);
    },
    onError: (error) => toastError(error),
  });
  if (!canEdit || flow.status === 'archived') return null;
  const inside = live.getState().counts.totals.inside;
  return (
    <>
      <Button
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
        onClick={() => setAsked(true)}
      >
        {paused ? t`Resume` : t`Pause`}
      </Button>
      <Button onClick={onEdit}>
        <Trans>Edit flow</Trans>
      </Button>
      <ConfirmDialog
        opened={asked}
        title={paused ? t`Resume this flow?` : t`Pause this flow?`}
        confirm={paused ? t`Resume` : t`Pause`}
        busy={toggle.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => toggle.mutate()}
      >
        {paused
          ? t`What fell due in the meantime goes on at once, and contacts come in again.`
          : t`Nobody comes in and nobody goes on until it is resumed. ${plural(inside, { one: '# person', other: '# people' })} inside ${inside === 1 ? 'stays' : 'stay'} in place; who reaches the goal or a way out still leaves.`}
      </ConfirmDialog>
    </>
  );
}
