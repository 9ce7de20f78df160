/** What steps are called: the words on their cards. */
import { useCallback } from 'react';
import type { Graph, GraphNode } from '@/api/types';
import { nodeOf } from '@/model/graph';
import { kindOf } from '@/nodes/registry';
import { useCanvas } from './context';

/** The title of a node. */
export function useTitleOf(): (node: GraphNode) => string {
  const { names, types } = useCanvas();
  return useCallback(
    (node) =>
      kindOf(node.type).words(node.config, names).title || types.get(node.type)?.title || node.type,
    [names, types],
  );
}

/** The title of a node by its id; the id itself where the graph does not have it. */
export function useTitleIn(graph: Graph | null | undefined): (id: string | null) => string {
  const titleOf = useTitleOf();
  return useCallback(
    (id) => {
      const node = graph && id ? nodeOf(graph, id) : undefined;
      return node ? titleOf(node) : (id ?? '–');
    },
    [graph, titleOf],
  );
}
