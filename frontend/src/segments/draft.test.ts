import { describe, expect, it } from 'vitest';
import {
  changesMembers,
  draftBody,
  draftOf,
  freshDraft,
  isChanged,
  type SegmentDraft,
  topFault,
  whyNotSaved,
} from './draft';
import { STARTERS } from './starters';

const draft: SegmentDraft = {
  ...draftOf(null),
  name: 'Buyers',
  rule: { type: 'all', rules: [{ type: 'everyone' }] },
};

describe('a draft', () => {
  it('wants a look at who joins and leaves when the rule, the kind or the ranking changes', () => {
    expect(changesMembers({ ...draft, kind: 'static' }, draft)).toBe(true);
    expect(changesMembers({ ...draft, top: { by: 'score', limit: 10 } }, draft)).toBe(true);
    expect(
      changesMembers({ ...draft, rule: { type: 'any', rules: [{ type: 'everyone' }] } }, draft),
    ).toBe(true);
  });

  it('wants none when only words change', () => {
    const renamed = {
      ...draft,
      name: 'Customers',
      owner: { id: 3, email: 'ada@example.org', name: 'Ada' },
    };
    expect(changesMembers(renamed, draft)).toBe(false);
    expect(isChanged(renamed, draft)).toBe(true);
  });

  it('is not changed by spaces around its name', () => {
    expect(isChanged({ ...draft, name: ' Buyers ' }, draft)).toBe(false);
  });

  it('is sent without a rule and a ranking when it is filled by hand alone', () => {
    const byHand = { ...draftOf(null), kind: 'static' as const, top: { by: 'score', limit: 3 } };
    expect(draftBody(byHand)).toMatchObject({ rule: null, top: null, owner: null });
  });

  it('says why it cannot be saved', () => {
    expect(whyNotSaved({ ...draft, name: ' ' }, true, 0)).toBe('Give it a name first.');
    expect(whyNotSaved(draft, true, 2)).toBe('2 things still to choose in the rule.');
    expect(whyNotSaved(draft, false, 0)).toBe('Nothing has been changed.');
    expect(whyNotSaved(draft, true, 0)).toBeNull();
  });

  it('can begin with a starter or with a rule from elsewhere', () => {
    const best = STARTERS.find(({ key }) => key === 'best');
    expect(freshDraft(best, undefined).top).toMatchObject({ by: 'score', limit: 100 });
    expect(freshDraft(undefined, { type: 'everyone' }).rule).toEqual({
      type: 'all',
      rules: [{ type: 'everyone' }],
    });
  });
});

describe('topFault', () => {
  it('wants a number of people and something to rank by', () => {
    expect(topFault(null)).toBeNull();
    expect(topFault({ by: 'score', limit: 100 })).toBeNull();
    expect(topFault({ by: '', limit: 100 })).toContain('ranked');
    expect(topFault({ by: 'score', limit: 0 })).toContain('whole number');
    expect(topFault({ by: 'score', limit: 2.5 })).toContain('whole number');
  });
});
