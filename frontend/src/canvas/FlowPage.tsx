/** One flow: its draft on the canvas, its live view, its people, its versions. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ReactFlowProvider } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { get, url } from '@/api/client';
import { useCanEdit, useNodeTypes } from '@/api/queries';
import type { Flow, NodeType } from '@/api/types';
import type { FlowSearch, FlowTab } from '@/app/router';
import { LiveTab } from '@/live/LiveTab';
import { createLiveStore, watch } from '@/live/store';
import type { Names } from '@/nodes/kind';
import { mailsOf, useNames } from '@/nodes/names';
import { ResultsTab } from '@/results/ResultsTab';
import { TryTab } from '@/trial/TryTab';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { AddMenu, type Offer } from './AddMenu';
import { type Canvas, CanvasContext } from './context';
import { DesignTab } from './DesignTab';
import { PeopleTab } from './PeopleTab';
import { createPresenceStore, type EditorsMessage, sayWhere } from './presence';
import { type CanvasStore, createCanvasStore } from './store';
import { useAutosave } from './useAutosave';
import { VersionsTab } from './VersionsTab';

const route = getRouteApi('/shell/flows/$key');

export function FlowPage() {
  const { key } = route.useParams();
  const types = useNodeTypes();
  const flow = useQuery({
    queryKey: ['flow', key],
    queryFn: () => get<Flow>(url`/api/flows/${key}/`),
    refetchInterval: 15_000,
  });
  const error = flow.error ?? types.error;
  // What is here stays while the server cannot be reached: somebody may be in the middle of a thought.
  if (error && !(flow.data && types.data)) {
    return (
      <Page title={t`Flow`} crumbs={[{ label: t`Flows`, to: '/flows' }]}>
        <EmptyState title={t`This flow could not be opened`} text={error.message} />
      </Page>
    );
  }
  if (!flow.data || !types.data) {
    return (
      <Page title={t`Flow`} crumbs={[{ label: t`Flows`, to: '/flows' }]} flush>
        <span className="sr-only" role="status">
          <Trans>Loading the flow</Trans>
        </span>
      </Page>
    );
  }
  return <FlowEditor key={key} flow={flow.data} types={types.data} />;
}

export interface TabProps {
  flow: Flow;
  tab: FlowTab;
  search: FlowSearch;
  go: (search: FlowSearch) => void;
}

/** Names, with those of the flow's own e-mails. They change only when one of these does. */
function useFlowNames(store: CanvasStore, flow: Flow): Names {
  const names = useNames();
  const draft = useStore(store, (state) => state.graph);
  const mails = JSON.stringify([...mailsOf(draft, names), ...mailsOf(flow.live_graph, names)]);
  return useMemo(
    () => ({ ...names, mails: JSON.parse(mails) as NonNullable<Names['mails']> }),
    [names, mails],
  );
}

function FlowEditor({ flow, types }: { flow: Flow; types: NodeType[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const canEdit = useCanEdit() && flow.status !== 'archived';
  const [store] = useState(() => createCanvasStore(flow, types, !canEdit));
  const names = useFlowNames(store, flow);
  const [live] = useState(createLiveStore);
  const [offered, setOffered] = useState<Offer | null>(null);
  const tab = search.tab ?? (flow.version === null ? 'design' : 'live');
  const autosave = useAutosave(store, flow, canEdit);

  useEffect(() => store.setState({ readOnly: !canEdit }), [store, canEdit]);
  const [presence] = useState(createPresenceStore);
  const client = useQueryClient();
  const editing = useRef(false);
  editing.current = tab === 'design' && canEdit;
  const say = useRef<() => void>(undefined);
  useEffect(() => {
    const socket = watch<EditorsMessage>(live, flow.key, {
      onOpen: () => say.current?.(),
      onMessage: (message) => {
        presence.getState().receive(message);
        const known = client.getQueryData<Flow>(['flow', flow.key]);
        if (message.type === 'draft' && message.revision > (known?.revision ?? 0)) {
          void client.invalidateQueries({ queryKey: ['flow', flow.key] });
        }
      },
    });
    const here = sayWhere(store, () => editing.current, socket.send);
    say.current = here.again;
    return () => {
      here.end();
      socket();
    };
  }, [client, live, flow.key, presence, store]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the tab whose change is told
  useEffect(() => say.current?.(), [tab, canEdit]);

  const offer = useCallback<Canvas['offer']>((end, at) => setOffered({ end, at }), []);
  const canvas = useMemo<Canvas>(
    () => ({
      mode: tab === 'design' ? 'design' : tab === 'live' ? 'live' : 'read',
      store,
      live,
      presence,
      names,
      types: store.getState().types,
      offer,
    }),
    [tab, store, live, presence, names, offer],
  );
  const go = useCallback(
    (next: FlowSearch) => void navigate({ search: next, replace: next.tab === undefined }),
    [navigate],
  );
  const props = { flow, tab, search, go };

  return (
    <CanvasContext value={canvas}>
      {/* Each tab has a view of its own: where one looks in the draft is not where one watches. */}
      <ReactFlowProvider key={tab}>
        {tab === 'design' && <DesignTab {...props} autosave={autosave} />}
        {tab === 'try' && <TryTab {...props} />}
        {tab === 'live' && <LiveTab {...props} />}
        {tab === 'people' && <PeopleTab {...props} />}
        {tab === 'results' && <ResultsTab {...props} />}
        {tab === 'versions' && <VersionsTab {...props} />}
        {offered && <AddMenu offer={offered} onClose={() => setOffered(null)} />}
      </ReactFlowProvider>
    </CanvasContext>
  );
}
