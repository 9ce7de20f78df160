import { describe, expect, it } from 'vitest';
import { fragmentText, readFragment } from './fragment';

const known = (type: string) => type === 'wait';
const node = { id: 'a', type: 'wait', config: { for: 'PT1H' }, position: { x: 1, y: 2 } };
const graph = { nodes: [node, { ...node, id: 'b' }], edges: [{ source: 'a', target: 'b' }] };

describe('steps from the clipboard', () => {
  it('come back as they were copied', () => {
    expect(readFragment(fragmentText(graph), known)).toEqual({ fragment: graph });
    expect(readFragment(JSON.stringify({ name: 'Cart', graph }), known)).toEqual({
      fragment: graph,
    });
  });

  it('are none in a text of something else', () => {
    expect(readFragment('hello', known)).toBeNull();
    expect(readFragment('{"nodes":[]}', known)).toBeNull();
    expect(readFragment('3', known)).toBeNull();
  });

  it.each([
    [{ nodes: 3 }, 'is no flow'],
    [{ nodes: [], edges: [] }, 'nothing on the clipboard'],
    [{ nodes: [{ id: 'a' }], edges: [] }, 'cannot be read'],
    [{ nodes: [node, node], edges: [] }, 'cannot be read'],
    [{ nodes: [{ ...node, config: 'x' }], edges: [] }, 'cannot be read'],
    [{ nodes: [{ ...node, type: 'magic' }], edges: [] }, 'no kind of step “magic”'],
    [{ nodes: [node], edges: [{ source: 'a' }] }, 'way between'],
  ])('are refused with a reason: %j', (millrace, words) => {
    const answer = readFragment(JSON.stringify({ millrace }), known);
    expect(answer && 'refused' in answer ? answer.refused : '').toContain(words);
  });

  it('lose what leads out of them, and places that are none', () => {
    const odd = { ...node, position: { x: 'far', y: 0 } };
    const read = readFragment(
      JSON.stringify({ millrace: { nodes: [odd], edges: [{ source: 'a', target: 'z' }] } }),
      known,
    );
    expect(read).toEqual({
      fragment: { nodes: [{ id: 'a', type: 'wait', config: odd.config }], edges: [] },
    });
  });

  it('bring their notes along, those that can be read', () => {
    const notes = [
      { id: 'n', text: 'Ask Ada', position: { x: 1, y: 2 }, width: 300 },
      { id: 'm', text: 7 },
      { id: 'o', text: 'Wide', width: 1e9 },
    ];
    const read = readFragment(JSON.stringify({ millrace: { nodes: [], edges: [], notes } }), known);
    expect(read).toEqual({
      fragment: { nodes: [], edges: [], notes: [notes[0], { id: 'o', text: 'Wide' }] },
    });
  });
});
