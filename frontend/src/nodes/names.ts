/** Names of segments, templates, topics, flows and fields, for cards and sentences. */
import { t } from '@lingui/core/macro';
import { useMemo } from 'react';
import { useFields, useFlowChoices, useSegments, useTemplates, useTopics } from '@/api/queries';
import type { Graph } from '@/api/types';
import type { Names } from './kind';

/** The e-mails that a flow's steps send, as rules inside the flow speak of them. */
export function mailsOf(graph: Graph | null | undefined, names: Pick<Names, 'template'>) {
  return (graph?.nodes ?? [])
    .filter((node) => node.type === 'send_email')
    .map(({ id, config }) => ({
      key: id,
      name: names.template(typeof config.template === 'string' ? config.template : undefined),
    }));
}

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
      segment: namer(segments ?? [], t`a segment`),
      template: namer(templates ?? [], t`an e-mail`),
      topic: namer(topics ?? [], t`no topic`),
      flow: namer(flows ?? [], t`a flow`),
      field: namer(fields ?? [], t`a field`),
      segmentKind: (key) => (key ? kinds.get(key) : undefined),
    };
  }, [segments, templates, topics, flows, fields]);
}
