import { describe, expect, it } from 'vitest';
import { type Explained, groupWords, seenWords, tally, type WhyNode, whyTree } from './ruleWhy';

const leaf = (isTrue: boolean, salt: string): Explained & { salt: string } => ({
  type: 'sample',
  is_true: isTrue,
  salt,
});
const group = (type: 'all' | 'any', isTrue: boolean, ...rules: Explained[]): Explained => ({
  type,
  is_true: isTrue,
  rules,
});

const deciding = ({ node, decides, inner }: WhyNode): string[] =>
  inner.length > 0
    ? inner.flatMap(deciding)
    : decides
      ? [(node as unknown as { salt: string }).salt]
      : [];

describe('what decides', () => {
  const [yes, no] = [leaf(true, 'yes'), leaf(false, 'no')];
  it.each([
    [group('all', false, yes, no), ['no']],
    [group('all', true, yes, leaf(true, 'too')), ['yes', 'too']],
    [group('any', true, yes, no), ['yes']],
    [group('any', false, no, leaf(false, 'nor')), ['no', 'nor']],
    [{ type: 'not', is_true: false, rule: yes } as Explained, ['yes']],
    [group('all', false, yes, group('any', false, no)), ['no']],
    [group('all', false, group('any', true, yes), no), ['no']],
  ])('of %o is %o', (tree, expected) => {
    expect(deciding(whyTree(tree))).toEqual(expected);
  });
  it('counts conditions, and names a group with them', () => {
    const tree = group('all', false, yes, group('any', false, no, no));
    expect(tally(tree)).toEqual({ all: 3, true: 1 });
    expect(groupWords(tree)).toBe('All of these: 1 of 2 is true');
    expect(tally(group('all', false))).toEqual({ all: 0, true: 0 });
  });
});

describe('what was seen', () => {
  const seen = (node: Partial<Explained>) =>
    seenWords({ type: 'field', is_true: true, ...node }, 'Europe/Berlin');
  it('says events with their count, figure and last one, on the clock of the zone', () => {
    const last = { name: 'Order Completed', at: '2026-05-14T22:30:00.000000Z' };
    expect(seen({ type: 'event', data: { count: 2, value: 2, last } })).toBe(
      'twice, last Order Completed on 15 May 2026, 00:30',
    );
    expect(seen({ type: 'event', data: { count: 1, value: 99.5, last } })).toBe(
      '99.5 over once, last Order Completed on 15 May 2026, 00:30',
    );
    expect(seen({ type: 'event', data: { count: 0, value: 0, last: null } })).toBe('never');
  });
  it('says what is ours in our words, and what somebody gave as it is', () => {
    expect(seen({ data: { value: 'trial' }, saw: '“trial”' })).toBe('“trial”');
    expect(seen({ type: 'consent', data: { value: 'unknown' }, saw: '“unknown”' })).toBe('unknown');
    expect(seen({ type: 'segment', data: { value: false }, saw: 'no' })).toBe('not a member');
    expect(seen({ type: 'score_change', data: { value: 20 } })).toBe('+20 points');
    expect(seen({ data: { value: '2026-05-14T22:30:00.000000Z' } })).toBe('15 May 2026, 00:30');
    expect(seen({ type: 'sample', data: {}, saw: null })).toBeNull();
  });
});
