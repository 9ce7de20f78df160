/** What each step of a flow template does, as its card on the canvas will say it. */
import { useMemo } from 'react';
import type { FlowTemplate } from '@/api/types';
import type { Names } from '@/nodes/kind';
import { mailsOf, useNames } from '@/nodes/names';
import { kindOf } from '@/nodes/registry';

/** By the ids of the steps. What the template brings has its own names, whatever is there already. */
export function useTitles({ graph, steps, brings }: FlowTemplate): ReadonlyMap<string, string> {
  const names = useNames();
  return useMemo(() => {
    const own: Names = {
      ...names,
      segment: named(brings.segments, names.segment),
      template: named(brings.templates, names.template),
      topic: named(brings.topics, names.topic),
    };
    const all = { ...own, mails: mailsOf(graph, own) };
    return new Map(
      graph.nodes.map(({ id, type, config }) => [
        id,
        kindOf(type).words(config, all).title || (steps[id]?.sentence ?? type),
      ]),
    );
  }, [names, graph, steps, brings]);
}

function named(things: readonly { key: string; name: string }[], otherwise: Names['segment']) {
  const byKey = new Map(things.map(({ key, name }) => [key, name]));
  return (key: string | undefined): string => byKey.get(key ?? '') ?? otherwise(key);
}
