/** Says aloud what has just changed, for whoever does not see the canvas. */
import { plural, t } from '@lingui/core/macro';
import { useEffect, useRef, useState } from 'react';
import { nodeOf } from '@/model/graph';
import { notesOf } from '@/model/notes';
import { useCanvas } from './context';
import type { CanvasState } from './store';
import { useTitleOf } from './useTitles';

export function Announcer() {
  const { store } = useCanvas();
  const titleOf = useTitleOf();
  const titles = useRef(titleOf);
  titles.current = titleOf;
  const [words, setWords] = useState('');
  useEffect(
    () =>
      store.subscribe((now, was) => {
        const said = changeWords(now, was, (node) => titles.current(node));
        if (said) setWords(said);
      }),
    [store],
  );
  return (
    <span className="sr-only" role="log" aria-live="polite">
      {words}
    </span>
  );
}

function changeWords(
  now: CanvasState,
  was: CanvasState,
  titleOf: (node: CanvasState['graph']['nodes'][number]) => string,
): string | null {
  if (now.graph === was.graph) return null;
  const before = new Set(was.graph.nodes.map((node) => node.id));
  const added = now.graph.nodes.filter((node) => !before.has(node.id));
  const after = new Set(now.graph.nodes.map((node) => node.id));
  const removed = was.graph.nodes.filter((node) => !after.has(node.id));
  if (added.length === 1 && added[0]) {
    const into = now.graph.edges.find((edge) => edge.target === added[0]?.id);
    const from = into && nodeOf(now.graph, into.source);
    return from
      ? t`“${titleOf(added[0])}” added after “${titleOf(from)}”.`
      : t`“${titleOf(added[0])}” added.`;
  }
  if (added.length > 1)
    return t`${plural(added.length, { one: '# step', other: '# steps' })} added.`;
  if (removed.length === 1 && removed[0]) return t`“${titleOf(removed[0])}” removed.`;
  if (removed.length > 1)
    return t`${plural(removed.length, { one: '# step', other: '# steps' })} removed.`;
  const notes = notesOf(now.graph).length - notesOf(was.graph).length;
  if (notes > 0) return t`Note laid down.`;
  if (notes < 0) return t`Note removed.`;
  const ways = now.graph.edges.length - was.graph.edges.length;
  if (ways > 0) return t`Connected.`;
  if (ways < 0) return t`No longer connected.`;
  return null;
}
