import { describe, expect, it } from 'vitest';
import type { Overlap } from '../types';
import { listed, regionRule, regionWords, sharedWith } from './regions';

const overlap: Overlap = {
  exact: true,
  sets: [
    { key: 'cart', name: 'Cart', size: 100 },
    { key: 'vip', name: 'VIP', size: 40 },
    { key: 'eu', name: 'EU', size: 10 },
  ],
  regions: [
    { in: ['cart'], count: 70 },
    { in: ['cart', 'vip'], count: 25 },
    { in: ['cart', 'vip', 'eu'], count: 5 },
    { in: ['vip'], count: 10 },
    { in: ['eu'], count: 1 },
  ],
};

describe('regionWords', () => {
  it('reads a combination aloud', () => {
    expect(regionWords(overlap, { in: ['cart', 'vip'], count: 25 })).toBe(
      '25 people are in “Cart” and “VIP”, and not in “EU”.',
    );
    expect(regionWords(overlap, { in: ['eu'], count: 1 })).toBe('1 person is only in “EU”.');
    expect(regionWords(overlap, { in: ['cart', 'vip', 'eu'], count: 5 })).toBe(
      '5 people are in “Cart”, “VIP” and “EU”.',
    );
  });

  it('says about where it was counted from a part', () => {
    expect(regionWords({ ...overlap, exact: false }, { in: ['vip'], count: 1200 })).toBe(
      'about 1,200 people are only in “VIP”.',
    );
  });
});

describe('regionRule', () => {
  it('asks to be in each of these and in none of the others', () => {
    expect(regionRule(overlap.sets, { in: ['cart', 'eu'], count: 0 })).toEqual({
      type: 'all',
      rules: [
        { type: 'segment', segment: 'cart', op: 'in' },
        { type: 'segment', segment: 'vip', op: 'not_in' },
        { type: 'segment', segment: 'eu', op: 'in' },
      ],
    });
  });
});

describe('sharedWith', () => {
  it('adds up all combinations that hold both', () => {
    expect(sharedWith(overlap, 'cart', 'vip')).toEqual({ count: 30, part: '30 %' });
    expect(sharedWith(overlap, 'cart', 'nowhere').count).toBe(0);
  });
});

describe('listed', () => {
  it('puts the word before the last one', () => {
    expect(listed([])).toBe('');
    expect(listed(['A'])).toBe('A');
    expect(listed(['A', 'B', 'C'], 'or')).toBe('A, B or C');
  });
});
