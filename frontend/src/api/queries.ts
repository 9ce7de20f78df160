/** What several pages read: one hook and one query key each, so that a change refreshes all. */
import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQueries,
  useQuery,
} from '@tanstack/react-query';
import { get, pathOf, type Query, url } from './client';
import type {
  CursorPage,
  EventName,
  EventProperty,
  Field,
  FlowRow,
  Me,
  NodeType,
  SegmentRow,
  TemplateRow,
  Topic,
  Workspace,
} from './types';

/** The server answers short lists as an array or as one page; both are a list to a page. */
async function list<T>(path: `/${string}`, query?: Query): Promise<T[]> {
  const answer = await get<T[] | CursorPage<T>>(path, query);
  return Array.isArray(answer) ? answer : answer.results;
}

/** A list whose rows are named elsewhere, page by page to its end. */
async function everything<T>(path: `/${string}`, query: Query): Promise<T[]> {
  const rows: T[] = [];
  let page = await get<CursorPage<T>>(path, query);
  for (;;) {
    rows.push(...page.results);
    if (page.next === null || rows.length >= MOST_NAMED) return rows;
    page = await get<CursorPage<T>>(pathOf(page.next));
  }
}

const MOST_NAMED = 5_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => get<Me>('/api/me/'),
  staleTime: 5 * 60_000,
  retry: false,
});

export const useMe = () => useQuery(meQuery);

export const useWorkspace = () =>
  useQuery({
    queryKey: ['workspace'],
    queryFn: () => get<Workspace>('/api/workspace/'),
    staleTime: 30_000,
  });

/** True when the signed-in person may change things. */
export function useCanEdit(): boolean {
  const { data } = useMe();
  return data !== undefined && data.role !== 'viewer';
}

export const useFields = () =>
  useQuery({
    queryKey: ['fields'],
    queryFn: () => list<Field>('/api/fields/', { limit: 200 }),
    staleTime: 60_000,
  });

export const useEventNames = () =>
  useQuery({
    queryKey: ['event-names'],
    queryFn: () => list<EventName>('/api/fields/event-names/', { limit: 200 }),
    staleTime: 60_000,
  });

const eventPropertiesQuery = (name: string | null) =>
  queryOptions({
    queryKey: ['event-properties', name],
    queryFn: () => list<EventProperty>('/api/fields/event-properties/', { name, limit: 200 }),
    enabled: Boolean(name),
    staleTime: 60_000,
  });

export const useEventProperties = (name: string | null) => useQuery(eventPropertiesQuery(name));

/** The properties of any of several events, each once; those seen most come first. */
export function usePropertiesOfEvents(names: readonly string[]): readonly EventProperty[] {
  return useQueries({
    queries: names.map(eventPropertiesQuery),
    combine: (answers) => {
      const byName = new Map<string, EventProperty>();
      for (const each of answers.flatMap(({ data }) => data ?? [])) {
        if (!byName.has(each.property)) byName.set(each.property, each);
      }
      return [...byName.values()];
    },
  });
}

export const useTopics = () =>
  useQuery({
    queryKey: ['topics'],
    queryFn: () => list<Topic>('/api/topics/', { limit: 200 }),
    staleTime: 60_000,
  });

export const useSegments = () =>
  useQuery({
    queryKey: ['segments', 'choices'],
    queryFn: () => everything<SegmentRow>('/api/segments/', { limit: 200 }),
    staleTime: 60_000,
  });

export const useTemplates = () =>
  useQuery({
    queryKey: ['templates', 'choices'],
    queryFn: () => list<TemplateRow>('/api/templates/', { limit: 200 }),
    staleTime: 30_000,
  });

export const useFlowChoices = () =>
  useQuery({
    queryKey: ['flows', 'choices'],
    queryFn: () => list<FlowRow>('/api/flows/', { limit: 200 }),
    staleTime: 30_000,
  });

/** What a flow is called, by its key; the key itself until that is known. */
export function useFlowName(): (key: string) => string {
  const { data: flows = [] } = useFlowChoices();
  return (key) => flows.find((flow) => flow.key === key)?.name ?? key;
}

export const useNodeTypes = () =>
  useQuery({
    queryKey: ['node-types'],
    queryFn: () => list<NodeType>('/api/node-types/'),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** A cursor-paginated list as rows, for `DataTable`. */
export function cursorQuery<T>(key: readonly unknown[], path: `/${string}`, query?: Query) {
  return infiniteQueryOptions({
    queryKey: [...key, query ?? {}],
    queryFn: ({ pageParam, signal }) =>
      pageParam === null
        ? get<CursorPage<T>>(path, query, signal)
        : get<CursorPage<T>>(pathOf(pageParam), undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** Who has read further than so many pages is not disturbed: all of them would be read anew each time. */
const POLLED_PAGES = 3;

/** How often a list by pages is read anew: every `ms`, as long as few of its pages are shown. */
export const pollFew =
  (ms: number | undefined) =>
  (query: { state: { data?: { pages: unknown[] } } }): number | false =>
    ms !== undefined && (query.state.data?.pages.length ?? 0) <= POLLED_PAGES ? ms : false;

export function useRows<T>(
  key: readonly unknown[],
  path: `/${string}`,
  query?: Query,
  poll?: number,
) {
  const answer = useInfiniteQuery({
    ...cursorQuery<T>(key, path, query),
    refetchInterval: pollFew(poll),
  });
  return {
    rows: answer.data?.pages.flatMap((page) => page.results) ?? [],
    isPending: answer.isPending,
    error: answer.error,
    hasMore: answer.hasNextPage,
    isFetchingMore: answer.isFetchingNextPage,
    more: () => {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage();
    },
    refetch: answer.refetch,
  };
}

export { url };
