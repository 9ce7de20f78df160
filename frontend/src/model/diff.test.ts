import { expect, it } from 'vitest';
import type { Graph } from '@/api/types';
import { diffGraphs, diffWords, isSame } from './diff';

const wait = { id: 'wait', type: 'wait', config: { for: 'PT1H' }, position: { x: 0, y: 0 } };
const exit = { id: 'exit', type: 'exit', config: {} };
const before = {
  graph: { nodes: [wait, exit], edges: [{ source: 'wait', target: 'exit' }] },
  settings: { reentry: { type: 'once' as const } },
};

it('a moved step is no change, and "next" may be said or not', () => {
  const after = {
    graph: {
      nodes: [{ ...wait, position: { x: 9, y: 9 }, note: 'hi' }, exit],
      edges: [{ source: 'wait', target: 'exit', branch: 'next' }],
    },
    settings: before.settings,
  };
  expect(isSame(diffGraphs(before, after))).toBe(true);
  expect(diffWords(diffGraphs(before, after))).toBeNull();
});

it('says what was added, removed and changed', () => {
  const after = {
    graph: {
      nodes: [
        { ...wait, config: { for: 'PT2H' } },
        { id: 'mail', type: 'send_email', config: {} },
      ],
      edges: [{ source: 'wait', target: 'mail' }],
    } as Graph,
    settings: {},
  };
  const diff = diffGraphs(before, after);
  expect(diff).toMatchObject({ added: ['mail'], removed: ['exit'], changed: ['wait'] });
  expect(diffWords(diff)).toBe('1 step added, 1 step removed, 1 step changed, settings changed');
});
