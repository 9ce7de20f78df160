/** Everything the live tab knows of the contact that is followed. */
import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { get, url } from '@/api/client';
import type { Flow, FlowVersion, Graph, VisitShown } from '@/api/types';
import { type Lit, litBy } from '@/model/follow';
import { placeMissing } from '@/model/graph';
import { contactName } from '@/ui/contact';
import { useSteps } from './useSteps';
import { useVisit } from './useVisit';

/** What opens over the page takes Esc for itself. */
const OVERLAYS = '[role="dialog"], [role="menu"], [role="listbox"]';

export interface Followed {
  visit: VisitShown;
  name: string;
  /** The version that is walked, as it was drawn. */
  graph: Graph;
  lit: Lit;
  upTo: number;
  walks: boolean;
}

export interface Following {
  followed: Followed | null;
  /** Why nobody can be followed. */
  error: string | null;
  /** The flow that the visit is of, where that is another one. */
  elsewhere: VisitShown | null;
  pointed: string | null;
  point: (node: string | null) => void;
  again: () => void;
}

export function useFollowing(flow: Flow, live: Graph | null, id: number | undefined): Following {
  const query = useVisit(id, flow.status);
  const [pointed, point] = useState<string | null>(null);
  const visit = id === undefined || query.error ? undefined : query.data;
  const isOwn = visit?.flow === flow.key;
  const isOlder = isOwn && visit.version !== flow.version;
  const version = useQuery({
    queryKey: ['flow-versions', flow.key, visit?.version],
    queryFn: () =>
      get<FlowVersion>(url`/api/flows/${flow.key}/versions/${String(visit?.version)}/`),
    enabled: isOlder,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const drawn = version.data?.graph;
  const older = useMemo(() => (drawn ? placeMissing(drawn) : null), [drawn]);
  const graph = isOlder ? older : live;
  const { upTo, walks } = useSteps(visit?.id ?? 0, visit?.path.length ?? 0);
  const followed = useMemo(
    () =>
      visit && isOwn && graph
        ? {
            visit,
            name: visit.contact ? contactName(visit.contact) : t`Somebody who was deleted`,
            graph,
            lit: litBy(graph, visit, upTo),
            upTo,
            walks,
          }
        : null,
    [visit, isOwn, graph, upTo, walks],
  );
  return {
    followed,
    error: query.error?.message ?? version.error?.message ?? null,
    elsewhere: visit && !isOwn ? visit : null,
    pointed: followed ? pointed : null,
    point,
    again: () => void query.refetch(),
  };
}

/** Esc ends the following, unless it closes what is open, or ends what is being typed. */
export function useStopByKey(stop: (() => void) | null): void {
  useEffect(() => {
    if (!stop) return undefined;
    const pressed = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select');
      if (event.key !== 'Escape' || typing || document.querySelector(OVERLAYS)) return;
      event.stopImmediatePropagation();
      stop();
    };
    // Before the canvas, for which Esc lets go of the chosen step.
    window.addEventListener('keydown', pressed, { capture: true });
    return () => window.removeEventListener('keydown', pressed, { capture: true });
  }, [stop]);
}
