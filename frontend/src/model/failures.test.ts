import { describe, expect, it } from 'vitest';
import type { FailureGroup } from '@/api/types';
import { byNode, countOf, repairWords } from './failures';

const group = (node: string, kind: string, count: number): FailureGroup => ({
  node,
  kind,
  error: kind,
  count,
  first_at: '2026-05-01T00:00:00Z',
  last_at: '2026-05-01T00:00:00Z',
});

describe('failures', () => {
  it('stand by step, where most fail first, and by how many a kind has', () => {
    const groups = [group('a', 'x', 1), group('b', 'y', 2), group('b', 'z', 5)];
    expect(byNode(groups).map(([node, own]) => [node, own.map(({ kind }) => kind)])).toEqual([
      ['b', ['z', 'y']],
      ['a', ['x']],
    ]);
    expect(countOf(groups)).toBe(8);
    expect(byNode([])).toEqual([]);
  });
  it('are said to be mended in the number that was', () => {
    expect(repairWords('retry', 1)).toBe('1 person tries the step again.');
    expect(repairWords('skip', 1200)).toBe('1,200 people go on without the step.');
    expect(repairWords('retry', 0)).toBe('Nobody was failing there any more.');
  });
});
