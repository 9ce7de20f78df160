/** The names that Liquid knows in this flow, and what somebody has there, as an example. */
import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '@/api/client';
import { useFields, usePropertiesOfEvents, useWorkspace } from '@/api/queries';
import type { CursorPage, Graph, Json } from '@/api/types';
import { useCanvasState } from '@/canvas/context';
import type { ContactRow } from '@/contacts/types';
import { liquidName } from '@/messages/InsertField';

const SHOWN = 8;
/** So many people are looked at for examples: not everybody has a value everywhere. */
const ASKED = 20;

export interface LiquidName {
  value: string;
  label: string;
  /** What kind of value it is. */
  hint: string;
}

/** Examples of values by the name one would type, with `contact.` and without it. */
export type Samples = ReadonlyMap<string, string>;

const NO_SAMPLES: Samples = new Map();

const wordsOf = (value: Json | undefined): string => {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(wordsOf).join(', ');
  return typeof value === 'object' ? '' : String(value);
};

function samplesOf(people: ContactRow[]): Samples {
  const samples = new Map<string, string>();
  for (const { fields } of people) {
    for (const [key, value] of Object.entries(fields)) {
      const words = wordsOf(value as Json);
      if (!words || samples.has(key)) continue;
      samples.set(key, words);
      samples.set(liquidName(key), words);
    }
  }
  return samples;
}

/** The events by which people come into this flow. */
const triggersOf = (graph: Graph): string =>
  graph.nodes
    .flatMap(({ type, config }) =>
      type === 'event' && typeof config.name === 'string' && config.name ? [config.name] : [],
    )
    .join('\n');

/** `total` is a property one can name; others are put in brackets. */
const triggerName = (property: string): string =>
  liquidName(property).replace(/^contact/, 'trigger');

/**
 * The names that go on from what is typed (none while it is null), and examples once they are of
 * use.
 */
export function useLiquidNames(
  typed: string | null,
  filledIn: boolean,
): { found: LiquidName[]; samples: Samples } {
  const { data: fields = [] } = useFields();
  const { data: workspace } = useWorkspace();
  const triggers = useCanvasState((state) => triggersOf(state.graph));
  const events = useMemo(() => (triggers ? triggers.split('\n') : []), [triggers]);
  const properties = usePropertiesOfEvents(events);
  const people = useQuery({
    queryKey: ['contacts', 'examples'],
    queryFn: () => get<CursorPage<ContactRow>>('/api/contacts/', { limit: ASKED }),
    enabled: typed !== null || filledIn,
    staleTime: 5 * 60_000,
  }).data?.results;
  const samples = useMemo(() => {
    const found = new Map(people ? samplesOf(people) : NO_SAMPLES);
    if (workspace) found.set('workspace.name', workspace.name);
    return found;
  }, [people, workspace]);
  const all = useMemo<LiquidName[]>(
    () => [
      ...fields.map((field) => ({
        value: liquidName(field.key),
        label: field.name || field.key,
        hint: field.type,
      })),
      ...properties.map(({ property, type }) => ({
        value: triggerName(property),
        label: t`${property} of the event that led here`,
        hint: type,
      })),
      { value: 'workspace.name', label: t`Workspace name`, hint: 'string' },
    ],
    [fields, properties],
  );
  if (typed === null) return { found: [], samples };
  const search = typed.toLowerCase().replace(/^contact\./, '');
  const found = all.filter(
    ({ value, label }) =>
      value.toLowerCase().includes(search) || label.toLowerCase().includes(search),
  );
  return { found: found.slice(0, SHOWN), samples };
}
