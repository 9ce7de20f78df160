/** The tab "Used in": the flows and segments that build on this one, and those it builds on. */
import { IconRoute, IconTarget } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get, url } from '@/api/client';
import { useFlowChoices, useSegments } from '@/api/queries';
import type { Flow, Segment } from '@/api/types';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './Segment.module.css';

interface Use {
  key: string;
  name: string;
  note?: string;
}

export interface Uses {
  flows: Use[];
  segments: Use[];
  count: number;
  isPending: boolean;
}

/** Whether a JSON document names the segment, in a step, a rule or a setting. */
export function mentionsSegment(value: unknown, key: string): boolean {
  if (Array.isArray(value)) return value.some((each) => mentionsSegment(each, key));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => {
    if (name === 'segment' && inner === key) return true;
    if (['suppress', 'segments', 'exclude'].includes(name) && Array.isArray(inner)) {
      return inner.includes(key) || mentionsSegment(inner, key);
    }
    return mentionsSegment(inner, key);
  });
}

/** At most this many flows and segments are looked through. */
const LOOKED_AT = 60;

export function useSegmentUses(key: string | null): Uses {
  const flows = (useFlowChoices().data ?? []).slice(0, LOOKED_AT);
  const others = (useSegments().data ?? []).filter((each) => each.key !== key).slice(0, LOOKED_AT);
  const flowAnswers = useQueries({
    queries: flows.map((flow) => ({
      queryKey: ['flow', flow.key, 'uses'],
      queryFn: () => get<Flow>(url`/api/flows/${flow.key}/`),
      enabled: key !== null,
      staleTime: 60_000,
    })),
  });
  const segmentAnswers = useQueries({
    queries: others.map((segment) => ({
      queryKey: ['segment', segment.key, 'uses'],
      queryFn: () => get<Segment>(url`/api/segments/${segment.key}/`),
      enabled: key !== null,
      staleTime: 60_000,
    })),
  });
  const usedFlows = flowAnswers.flatMap(({ data }) =>
    data && key && mentionsSegment([data.graph, data.settings, data.live_graph], key)
      ? [{ key: data.key, name: data.name, note: data.status }]
      : [],
  );
  const usedSegments = segmentAnswers.flatMap(({ data }) =>
    data && key && mentionsSegment(data.rule, key) ? [{ key: data.key, name: data.name }] : [],
  );
  return {
    flows: usedFlows,
    segments: usedSegments,
    count: usedFlows.length + usedSegments.length,
    isPending: [...flowAnswers, ...segmentAnswers].some((each) => each.isLoading),
  };
}

export function SegmentUses({ segment, uses }: { segment: Segment; uses: Uses }) {
  const names = useSegments().data ?? [];
  const needed = (segment.depends_on ?? []).map((key) => ({
    key,
    name: names.find((each) => each.key === key)?.name ?? key,
  }));
  if (!uses.isPending && uses.count === 0 && needed.length === 0) {
    return (
      <EmptyState
        icon={<IconRoute size={22} />}
        title="Not used yet"
        text="Start a flow from this segment, or use it in another segment’s rule. Where it is used is listed here."
      />
    );
  }
  return (
    <div className={classes.uses}>
      <UseList title="Flows that use it" icon="flow" uses={uses.flows} />
      <UseList title="Segments that use it" icon="segment" uses={uses.segments} />
      <UseList title="Segments it needs" icon="segment" uses={needed} />
    </div>
  );
}

function UseList({ title, icon, uses }: { title: string; icon: 'flow' | 'segment'; uses: Use[] }) {
  if (uses.length === 0) return null;
  const UseIcon = icon === 'flow' ? IconRoute : IconTarget;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {uses.map((use) => (
          <li key={use.key}>
            <Link
              to={icon === 'flow' ? '/flows/$key' : '/segments/$key'}
              params={{ key: use.key }}
              className={classes.use}
            >
              <UseIcon size={16} stroke={1.7} aria-hidden />
              <strong>{use.name}</strong>
              {use.note && (
                <StatusBadge tone={use.note === 'live' ? 'accent' : 'quiet'}>
                  {use.note}
                </StatusBadge>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
