/** A segment as it is being edited: what was changed here and is not saved yet. Pure. */
import { plural, t } from '@lingui/core/macro';
import type { SegmentKind } from '@/api/types';
import { emptyGroup, isGroup, type Rule } from '@/model/rule';
import { drawable } from './RuleBuilder';
import type { Starter } from './starters';
import type { Owner, Segment, Top } from './types';

export interface SegmentDraft {
  name: string;
  description: string;
  kind: SegmentKind;
  rule: Rule;
  top: Top | null;
  owner: Owner | null;
}

export function draftOf(segment: Segment | null): SegmentDraft {
  return {
    name: segment?.name ?? '',
    description: segment?.description ?? '',
    kind: segment?.kind ?? 'dynamic',
    rule: segment ? drawable(segment.rule) : emptyGroup(),
    top: segment?.top ?? null,
    owner: segment?.owner ?? null,
  };
}

/** What a new segment begins with. */
export function freshDraft(starter: Starter | undefined, rule: unknown): SegmentDraft {
  const empty = draftOf(null);
  if (starter) {
    return { ...empty, name: starter.name, rule: starter.rule, top: starter.top ?? null };
  }
  return rule ? { ...empty, rule: drawable(rule as Rule) } : empty;
}

/** A static segment may do without a rule: it is filled by hand alone. */
export const byHandAlone = ({ kind, rule }: Pick<SegmentDraft, 'kind' | 'rule'>): boolean =>
  kind === 'static' && isGroup(rule) && rule.rules.length === 0;

/** What decides who is in it, as it is sent. */
export const membersBody = (draft: SegmentDraft) => ({
  kind: draft.kind,
  rule: byHandAlone(draft) ? null : draft.rule,
  top: byHandAlone(draft) ? null : draft.top,
});

export const draftBody = (draft: SegmentDraft) => ({
  name: draft.name.trim(),
  description: draft.description,
  owner: draft.owner?.id ?? null,
  ...membersBody(draft),
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const isChanged = (draft: SegmentDraft, saved: SegmentDraft): boolean =>
  !same(draftBody(draft), draftBody(saved));

/** Whether saving would change who is in it, and so wants a look first. */
export const changesMembers = (draft: SegmentDraft, saved: SegmentDraft): boolean =>
  !same(membersBody(draft), membersBody(saved));

/** Why the draft cannot be saved as it stands, or null. */
export function whyNotSaved(draft: SegmentDraft, changed: boolean, hints: number): string | null {
  if (!draft.name.trim()) return t`Give it a name first.`;
  if (hints > 0)
    return plural(hints, {
      one: '# thing still to choose in the rule.',
      other: '# things still to choose in the rule.',
    });
  const fault = topFault(draft.top);
  if (fault) return fault;
  return changed ? null : t`Nothing has been changed.`;
}

export const MOST_RANKED = 1_000_000;

/** What is wrong with a ranking, or null. */
export function topFault(top: Top | null): string | null {
  if (!top) return null;
  if (!top.by) return t`Choose by what the people are ranked.`;
  const whole = Number.isInteger(top.limit) && top.limit >= 1 && top.limit <= MOST_RANKED;
  return whole ? null : t`Say how many people the ranking keeps: a whole number from 1.`;
}
