import { describe, expect, it } from 'vitest';
import {
  bodyOf,
  choiceWords,
  decayWords,
  draftOf,
  missing,
  oftenWords,
  type ScoreRule,
  sameTerms,
  signed,
  stretches,
  termsOf,
} from './scoring';

const RULE: ScoreRule = {
  id: 1,
  key: 'bought',
  name: 'Bought',
  description: '',
  kind: 'event',
  event: 'Order Completed',
  where: [{ property: 'total', op: 'gte', value: 50 }],
  rule: null,
  points: -5,
  decay_per_week: 2,
  limit: { times: 3, per: 'P1D' },
  active: true,
  status: 'active',
  sentence: '',
  job: null,
  created_at: '2026-06-01T12:00:00Z',
  updated_at: '2026-06-01T12:00:00Z',
};

describe('the draft of a score rule', () => {
  it('goes back to what it was read from', () => {
    expect(termsOf(draftOf(RULE))).toEqual({
      kind: 'event',
      points: -5,
      decay_per_week: 2,
      event: 'Order Completed',
      where: RULE.where,
      limit: RULE.limit,
    });
    expect(sameTerms(draftOf(RULE), { ...draftOf(RULE), name: 'Other' })).toBe(true);
    expect(sameTerms(draftOf(RULE), { ...draftOf(RULE), points: 6 })).toBe(false);
  });

  it('says of a rule only what belongs to its kind', () => {
    const rule = { type: 'everyone' as const };
    const body = bodyOf({ ...draftOf(RULE), kind: 'rule', rule, name: ' Here ' });
    expect(body).toEqual({
      name: 'Here',
      description: '',
      kind: 'rule',
      points: -5,
      decay_per_week: 2,
      rule,
    });
  });

  it('says what is missing', () => {
    const fresh = draftOf(null);
    expect(missing(fresh, 0)).toMatch(/event/);
    expect(missing({ ...fresh, event: 'Login' }, 0)).toBeNull();
    expect(missing({ ...fresh, event: 'Login', points: null }, 0)).toMatch(/how many points/);
    expect(missing({ ...fresh, event: 'Login', decay: 0 }, 0)).toMatch(/fade/);
    expect(missing({ ...fresh, kind: 'rule' }, 0)).toMatch(/condition/);
    expect(missing({ ...fresh, kind: 'rule', rule: { type: 'everyone' } }, 1)).toMatch(/choose/);
  });
});

describe('words', () => {
  it('says decay, limits, points and times', () => {
    expect(decayWords(5, 2)).toBe(
      'Each week takes 2 points of what was given. All 5 points are gone after 3 weeks.',
    );
    expect(decayWords(1, 5)).toBe(
      'Each week takes 1 point of what was given. The point is gone after 1 week.',
    );
    expect(decayWords(5, null)).toBeNull();
    expect(stretches({ times: 1, per: 'P3D' }).at(-1)).toEqual({ value: 'P3D', label: '3 days' });
    expect(stretches({ times: 1, per: 'P1D' })).toEqual(stretches(null));
    expect([signed(5), signed(-2.5)]).toEqual(['+ 5', '– 2.5']);
    expect([oftenWords(1, 1), oftenWords(3, 4), oftenWords(5, 9), oftenWords(10, null)]).toEqual([
      'once',
      '3 or 4 times',
      '5 to 9 times',
      '10 times or more',
    ]);
  });

  it('says what becomes of the points for every deed', () => {
    for (const deed of ['save', 'pause', 'delete'] as const) {
      for (const kind of ['event', 'rule'] as const) {
        const { keep, take_back: back } = choiceWords(deed, kind);
        expect(keep).not.toBe(back);
      }
    }
  });
});
