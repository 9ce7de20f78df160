/** Names of segments, templates, topics, flows and fields, for cards and sentences. */
import { useMemo } from 'react';
import { useFields, useFlowChoices, useSegments, useTemplates, useTopics } from '@/api/queries';
import type { Names } from './kind';

interface Named {
  key: string;
  name: string;
}

function namer(things: readonly Named[], missing: string) {
  const byKey = new Map(things.map((thing) => [thing.key, thing.name || thing.key]));
  return (key: string | undefined) => (key ? (byKey.get(key) ?? key) : missing);
}

export function useNames(): Names {
  const { data: segments } = useSegments();
  const { data: templates } = useTemplates();
  const { data: topics } = useTopics();
  const { data: flows } = useFlowChoices();
  const { data: fields } = useFields();
  return useMemo(() => {
    const kinds = new Map((segments ?? []).map((segment) => [segment.key, segment.kind]));
    return {
      fields: fields ?? [],
      segments: segments ?? [],
      topics: topics ?? [],
      flows: flows ?? [],
      segment: namer(segments ?? [], 'a segment'),
      template: namer(templates ?? [], 'an e-mail'),
      topic: namer(topics ?? [], 'no topic'),
      flow: namer(flows ?? [], 'a flow'),
      field: namer(fields ?? [], 'a field'),
      segmentKind: (key) => (key ? kinds.get(key) : undefined),
    };
  }, [segments, templates, topics, flows, fields]);
}
