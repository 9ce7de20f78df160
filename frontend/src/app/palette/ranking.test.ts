import { describe, expect, it } from 'vitest';
import { closeness, ranked } from './ranking';

const labels = (...names: string[]) => names.map((label) => ({ label }));
const found = (typed: string, ...names: string[]) =>
  ranked(labels(...names), typed, 10).map(({ label }) => label);

describe('what is typed', () => {
  it('means the beginning of a name rather than of a word, and that rather than its middle', () => {
    expect(found('car', 'Discard', 'Abandon cart', 'Cart')).toEqual([
      'Cart',
      'Abandon cart',
      'Discard',
    ]);
  });

  it('may be several words in any order, all of which must fit', () => {
    expect(found('cart aband', 'Abandon cart', 'Cart')).toEqual(['Abandon cart']);
  });

  it('may be the initials of the words', () => {
    expect(found('nf', 'New flow', 'Newsletter')).toEqual(['New flow']);
    expect(closeness('Newsletter', 'nf')).toBeNull();
  });

  it('means the shorter of two names that fit alike', () => {
    expect(found('win', 'Win back the long lost', 'Win back')[0]).toBe('Win back');
  });

  it('takes signs as they are', () => {
    expect(found('10 %', '10 % until Friday', 'Ten')).toEqual(['10 % until Friday']);
    expect(found('(', 'a (b)')).toEqual(['a (b)']);
  });
});

it('keeps the order of things where nothing is typed', () => {
  expect(found('', 'b', 'a')).toEqual(['b', 'a']);
});

it('finds by another word too, but lower', () => {
  const things = [{ label: 'Appearance', also: 'dark mode' }, { label: 'Dark horse' }];
  expect(ranked(things, 'dark', 10).map(({ label }) => label)).toEqual([
    'Dark horse',
    'Appearance',
  ]);
});
