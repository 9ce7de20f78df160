import { describe, expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { fragmentOf, paste } from './fragment';
import { configure, moveNodes, removeNodes } from './graph';
import { carried, changeNote, everything, noteWords, placeOf } from './notes';

const typeOf = () => ({ group: 'wait' as const, branches: ['next'] });
const step = (id: string, x: number, y: number) => ({
  id,
  type: 'wait',
  config: {},
  position: { x, y },
});
const GRAPH: Graph = {
  nodes: [step('a', 0, 0), step('b', 0, 150)],
  edges: [{ source: 'a', target: 'b' }],
  notes: [
    { id: 'note', text: 'Ask Ada', position: { x: 260, y: 160 }, width: 220 },
    { id: 'top', text: 'Top', position: { x: 260, y: 10 }, width: 220 },
  ],
};

describe('notes on the canvas', () => {
  it('stay through every change of the steps', () => {
    expect(configure(GRAPH, 'a', { for: 'PT1H' }, typeOf).notes).toBe(GRAPH.notes);
    expect(removeNodes(GRAPH, ['a']).notes).toEqual(GRAPH.notes);
    expect(removeNodes(GRAPH, ['note/note']).notes?.map(({ id }) => id)).toEqual(['top']);
    expect(removeNodes(GRAPH, ['note/note', 'note/top'])).not.toHaveProperty('notes');
  });

  it('are moved by their keys, and go with the step they lie beside', () => {
    const moved = moveNodes(GRAPH, carried(GRAPH, new Map([['b', { x: 100, y: 300 }]])));
    expect(placeOf(moved, 'note/note')).toEqual({ x: 360, y: 310 });
    expect(placeOf(moved, 'note/top')).toEqual({ x: 260, y: 10 });
  });

  it('are copied with the steps, under names of their own', () => {
    const copied = fragmentOf(GRAPH, new Set(['a', 'note/note']));
    expect(copied.notes).toHaveLength(1);
    const { graph, ids } = paste(GRAPH, copied, { x: 10, y: 20 });
    expect(ids).toEqual(['wait', 'note/note-2']);
    expect(placeOf(graph, 'note/note-2')).toEqual({ x: 270, y: 180 });
    expect(everything(graph)).toHaveLength(6);
  });

  it('are changed one at a time, and said in one line', () => {
    const changed = changeNote(GRAPH, 'note/top', { text: 'Begin\n  here' });
    expect(changed.notes?.map(({ text }) => noteWords(text))).toEqual(['Ask Ada', 'Begin here']);
    expect(noteWords('abcdef', 4)).toBe('abc…');
    expect(changeNote(GRAPH, 'a', { text: 'x' })).toBe(GRAPH);
  });
});
