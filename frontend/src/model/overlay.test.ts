import { describe, expect, it } from 'vitest';
import type { FlowDiff, Graph } from '@/api/types';
import { diffLines, diffSummary, goneEdgeId, overlay } from './overlay';

const node = (id: string, x: number, y = 0) => ({
  id,
  type: 'wait',
  config: {},
  position: { x, y },
});
const diff = (part: Partial<FlowDiff['nodes']>, rest: Partial<FlowDiff> = {}): FlowDiff => ({
  nodes: { added: [], removed: [], changed: [], moved: [], ...part },
  edges: { added: [], removed: [] },
  settings: [],
  notes: { added: [], removed: [], changed: [] },
  words: [],
  same: false,
  ...rest,
});
const named = (id: string) => ({ id, type: 'wait', sentence: id });

describe('two editions in one drawing', () => {
  const before: Graph = {
    nodes: [node('a', 0), node('b', 0, 200)],
    edges: [{ source: 'a', target: 'b' }],
  };
  const after: Graph = {
    nodes: [node('a', 0), node('c', 20, 190)],
    edges: [{ source: 'a', target: 'c' }],
  };
  const found = overlay(
    before,
    after,
    diff(
      { added: [named('c')], removed: [named('b')] },
      {
        edges: {
          added: [{ source: 'a', target: 'c', branch: 'next' }],
          removed: [{ source: 'a', target: 'b', branch: 'next' }],
        },
      },
    ),
  );

  it('have what was removed, beside what stands there now', () => {
    expect(found.graph.nodes.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(found.graph.nodes[2]?.position).toEqual({ x: 300, y: 200 });
  });
  it('put nothing onto a line that is there now', () => {
    const down: Graph = {
      nodes: [node('a', 0), node('c', 0, 400)],
      edges: [{ source: 'a', target: 'c' }],
    };
    const { graph } = overlay(before, down, diff({ removed: [named('b')] }));
    expect(graph.nodes[2]?.position).toEqual({ x: 300, y: 200 });
  });
  it('mark what is new, changed and gone', () => {
    expect([...found.marks.nodes]).toEqual([
      ['c', 'added'],
      ['b', 'removed'],
    ]);
    expect([...found.marks.edges]).toEqual(['a:next']);
    expect(found.marks.gone.map(goneEdgeId)).toEqual(['was:a:next>b']);
  });
});

it('reads sentences by the order in which the server gives them', () => {
  const told = diff(
    { added: [named('c')], removed: [named('b')] },
    { words: ['“b” is removed.', '“c” is new.', '“a” now leads to “c”.'] },
  );
  expect(diffLines(told).map(({ kind, node: at }) => [kind, at])).toEqual([
    ['removed', 'b'],
    ['added', 'c'],
    ['changed', null],
  ]);
});

it('sums a difference up in a few words', () => {
  expect(diffSummary(diff({ added: [named('c'), named('d')] }))).toBe('2 steps added');
  expect(diffSummary(diff({ added: [named('c')], removed: [named('b'), named('d')] }))).toBe(
    '1 step added, 2 removed',
  );
  expect(diffSummary(diff({}, { same: true }))).toBeNull();
});

describe('notes of two editions', () => {
  const note = (id: string, text = id) => ({ id, text });
  const changed = diff(
    {},
    {
      notes: {
        added: [note('new')],
        removed: [note('old')],
        changed: [{ id: 'kept', before: 'a', after: 'b' }],
      },
      words: ['The flow is paused.', 'The note “old” is removed.', 'It is new.', 'It reads.'],
    },
  );
  it('are marked, and those removed are put back', () => {
    const none = { nodes: [], edges: [] };
    const found = overlay(
      { ...none, notes: [note('old'), note('kept', 'a')] },
      { ...none, notes: [note('kept', 'b'), note('new')] },
      changed,
    );
    expect(found.graph.notes?.map(({ id }) => id)).toEqual(['kept', 'new', 'old']);
    expect(found.marks.nodes.get('note/old')).toBe('removed');
    expect(found.marks.nodes.get('note/kept')).toBe('changed');
  });
  it('are found from the sentences about them', () => {
    expect(diffLines(changed).map(({ kind, node: key }) => [kind, key])).toEqual([
      ['changed', null],
      ['removed', 'note/old'],
      ['added', 'note/new'],
      ['changed', 'note/kept'],
    ]);
    expect(diffSummary(changed)).toBe('notes changed');
  });
});
