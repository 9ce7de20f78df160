import { describe, expect, it } from 'vitest';
import { asFilters, asQuery, isNarrowed, nextOrdering, sortOf } from './filters';

describe('asFilters', () => {
  it('reads what the list writes', () => {
    const filters = {
      search: 'cart',
      kind: 'dynamic',
      owner: 'me',
      used: false,
      ordering: '-size',
    } as const;
    expect(asFilters(filters)).toEqual(filters);
  });

  it('leaves out what is none of ours', () => {
    expect(
      asFilters({ kind: 'odd', owner: 'x or 1=1', used: 'yes', ordering: 'rule', search: '' }),
    ).toEqual({});
  });

  it('takes a number for an owner and for words to search', () => {
    expect(asFilters({ owner: 12, search: 2026 })).toEqual({ owner: '12', search: '2026' });
  });
});

describe('isNarrowed', () => {
  it('is true of each filter, and not of an ordering', () => {
    expect(isNarrowed({ used: false })).toBe(true);
    expect(isNarrowed({ owner: 'none' })).toBe(true);
    expect(isNarrowed({ ordering: '-size' })).toBe(false);
  });
});

describe('orderings', () => {
  it('begin with names from A and sizes from the most, then turn round', () => {
    expect(nextOrdering('name', 'size')).toBe('-size');
    expect(nextOrdering('-size', 'size')).toBe('size');
    expect(nextOrdering('-size', 'name')).toBe('name');
    expect(nextOrdering(undefined, 'name')).toBe('-name');
  });

  it('are said at their column', () => {
    expect(sortOf('-size', 'size')).toBe('descending');
    expect(sortOf('-size', 'name')).toBe('none');
    expect(sortOf(undefined, 'name')).toBe('ascending');
  });

  it('are always asked for', () => {
    expect(asQuery({ search: 'a' })).toEqual({ search: 'a', ordering: 'name' });
  });
});
