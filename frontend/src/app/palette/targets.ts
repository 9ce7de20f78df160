/** What the palette offers for what is typed: where one was, what can be done, and all there is. */
import { t } from '@lingui/core/macro';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { useFlowChoices, useSegments, useTemplates } from '@/api/queries';
import type { ContactRef, CursorPage } from '@/api/types';
import { contactName } from '@/ui/contact';
import { recentPlaces } from '@/ui/recent';
import { useActions } from './actions';
import { ranked } from './ranking';

export interface Target {
  group: string;
  label: string;
  /** Other words by which it is found. */
  also?: string;
  hint?: string;
  /** Where it leads; or what it does. */
  path?: string;
  run?: () => void;
}

const MOST = 7;
/** Contacts are searched for on the server, from so many letters on. */
const SEARCH_FROM = 2;

const PAGES: Target[] = [
  { label: t`Home`, path: '/' },
  { label: t`Flows`, path: '/flows' },
  { label: t`Flow templates`, also: t`gallery`, path: '/flows/templates' },
  { label: t`Contacts`, also: t`people`, path: '/contacts' },
  { label: t`Imports`, path: '/contacts/import' },
  { label: t`Segments`, path: '/segments' },
  { label: t`Messages`, also: t`e-mails sent`, path: '/messages' },
  { label: t`Templates`, also: t`e-mails`, path: '/templates' },
  { label: t`Settings`, path: '/settings' },
  { label: t`Jobs`, also: t`progress running`, path: '/settings?tab=jobs' },
].map((page) => ({ ...page, group: t`Pages` }));

function useThings(): Target[] {
  const { data: flows = [] } = useFlowChoices();
  const { data: segments = [] } = useSegments();
  const { data: templates = [] } = useTemplates();
  return [
    ...flows.map(({ key, name, status }) => ({
      group: t`Flows`,
      label: name,
      also: key,
      path: `/flows/${key}`,
      hint: status,
    })),
    ...segments.map(({ key, name, kind }) => ({
      group: t`Segments`,
      label: name,
      also: key,
      path: `/segments/${key}`,
      hint: kind,
    })),
    ...templates.map(({ key, name }) => ({
      group: t`Templates`,
      label: name,
      also: key,
      path: `/templates/${key}`,
    })),
  ];
}

function usePeople(typed: string): { people: Target[]; searching: boolean } {
  const [search] = useDebouncedValue(typed.trim(), 200);
  const wanted = search.length >= SEARCH_FROM && typed.trim().length >= SEARCH_FROM;
  const found = useQuery({
    queryKey: ['contacts', 'palette', search],
    queryFn: () => get<CursorPage<ContactRef>>('/api/contacts/', { search, limit: MOST }),
    enabled: wanted,
  });
  const people = (wanted ? (found.data?.results ?? []) : []).map((contact) => ({
    group: t`Contacts`,
    label: contactName(contact),
    path: `/contacts/${contact.id}`,
    hint: contact.name ? (contact.email ?? undefined) : undefined,
  }));
  return { people, searching: typed.trim().length >= SEARCH_FROM && found.data === undefined };
}

/** The targets for what is typed, group by group, and whether more are being looked for. */
export function useTargets(typed: string): { targets: Target[]; searching: boolean } {
  const things = useThings();
  const actions = useActions();
  const { people, searching } = usePeople(typed);
  if (!typed.trim()) {
    const here = window.location.pathname;
    const recent = recentPlaces()
      .filter(({ path }) => path !== here)
      .map(({ path, label, of }) => ({
        group: t`Recent`,
        path,
        label: things.find((thing) => thing.path === path)?.label ?? label,
        hint: of,
      }));
    return { targets: [...recent, ...actions.here, ...PAGES, ...actions.everywhere], searching };
  }
  // The group with the best name comes first; within it, the best first.
  const groups = [actions.here, PAGES, ...split(things), actions.everywhere]
    .map((group) => ranked(group, typed, MOST))
    .filter((group) => group.length > 0);
  const best = ranked(
    groups.flatMap((group) => group.slice(0, 1)),
    typed,
    groups.length,
  );
  const ordered = best.flatMap((first) => groups.find((group) => group[0] === first) ?? []);
  return { targets: [...ordered, ...people], searching };
}

function split(things: Target[]): Target[][] {
  const groups = new Map<string, Target[]>();
  for (const thing of things) {
    groups.set(thing.group, [...(groups.get(thing.group) ?? []), thing]);
  }
  return [...groups.values()];
}
