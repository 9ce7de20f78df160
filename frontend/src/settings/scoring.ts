/** Score rules as the settings' page works on them: drafts, what is missing, words. No React. */
import { plural, t } from '@lingui/core/macro';
import type { JsonObject, Narrowed, Sent } from '@/api/types';
import { isCondition, isGroup, type Rule } from '@/model/rule';
import { durationWords } from '@/model/ruleDuration';
import { number } from '@/ui/format';

export type ScoreRule = Narrowed<
  'ScoreRule',
  { where: JsonObject[]; rule: Rule | null; limit: ScoreLimit | null }
>;
export type ScoreKind = ScoreRule['kind'];
export type ScoreLimit = { times: number; per: string };
export type ScorePreview = Sent<'ScorePreview'>;
export type ScoreStanding = Sent<'ScoreStanding'>;
export type Given = 'keep' | 'take_back';

/** What a person is making of a rule. `points` is how many, `gives` whether given or taken. */
export interface ScoreDraft {
  name: string;
  description: string;
  kind: ScoreKind;
  event: string;
  where: JsonObject[];
  rule: Rule;
  gives: boolean;
  points: number | null;
  decay: number | null;
  limit: ScoreLimit | null;
}

export const ANY_ACTIVITY = '*';
const NOTHING: Rule = { type: 'all', rules: [] };

export function draftOf(rule: ScoreRule | null): ScoreDraft {
  return {
    name: rule?.name ?? '',
    description: rule?.description ?? '',
    kind: rule?.kind ?? 'event',
    event: rule?.event ?? '',
    where: rule?.where ?? [],
    rule: rule?.rule ?? NOTHING,
    gives: (rule?.points ?? 1) > 0,
    points: rule ? Math.abs(rule.points) : 5,
    decay: rule?.decay_per_week ?? null,
    limit: rule?.limit ?? null,
  };
}

/** What is given for what, as the server takes it. */
export function termsOf(draft: ScoreDraft) {
  const points = (draft.points ?? 0) * (draft.gives ? 1 : -1);
  const shared = { kind: draft.kind, points, decay_per_week: draft.decay };
  return draft.kind === 'event'
    ? { ...shared, event: draft.event.trim(), where: draft.where, limit: draft.limit }
    : { ...shared, rule: draft.rule };
}

export const bodyOf = (draft: ScoreDraft) => ({
  name: draft.name.trim(),
  description: draft.description,
  ...termsOf(draft),
});

export const sameTerms = (one: ScoreDraft, other: ScoreDraft): boolean =>
  JSON.stringify(termsOf(one)) === JSON.stringify(termsOf(other));

export const isEmpty = (rule: Rule): boolean =>
  (isGroup(rule) && rule.rules.length === 0) ||
  (!isGroup(rule) && !isCondition(rule) && rule.type === 'not' && isEmpty(rule.rule));

/** Why the terms can't be counted or saved yet; null if they can. `hints`: faults of the rule. */
export function missing(draft: ScoreDraft, hints: number): string | null {
  if (draft.kind === 'event') {
    if (!draft.event.trim()) return t`Choose the event that points are given for.`;
    if (draft.where.some((row) => !row.property)) return t`Name the property, or remove the row.`;
  } else {
    if (isEmpty(draft.rule)) return t`Choose at least one condition.`;
    if (hints > 0) return t`Something in the rule is still to choose.`;
  }
  if (!draft.points) return t`Say how many points.`;
  if (draft.decay === 0) return t`Say how many points fade each week.`;
  if (draft.limit && !draft.limit.times) return t`Say how often at most.`;
  return null;
}

export const SIGNS = [
  { value: 'gives', label: t`Gives` },
  { value: 'takes', label: t`Takes` },
];

const STRETCHES = [
  { value: 'PT1H', label: t`an hour` },
  { value: 'P1D', label: t`a day` },
  { value: 'P7D', label: t`a week` },
  { value: 'P28D', label: t`four weeks` },
];

/** In which stretches a limit may count; one that a program has set is kept. */
export function stretches(limit: ScoreLimit | null) {
  const { per } = limit ?? {};
  if (!per || STRETCHES.some(({ value }) => value === per)) return STRETCHES;
  return [...STRETCHES, { value: per, label: durationWords(per) }];
}

const amount = (points: number): string => plural(points, { one: '# point', other: '# points' });

/** What decay does, in a sentence: "5 points are gone after 3 weeks." */
export function decayWords(points: number | null, decay: number | null): string | null {
  if (!points || !decay) return null;
  const weeks = Math.ceil(points / decay - 1e-9);
  const weekly = amount(Math.min(decay, points));
  const span = plural(weeks, { one: '# week', other: '# weeks' });
  return points === 1
    ? t`Each week takes ${weekly} of what was given. The point is gone after ${span}.`
    : t`Each week takes ${weekly} of what was given. All ${amount(points)} are gone after ${span}.`;
}

/** Points with their sign: "+5", "– 3". */
export const signed = (points: number): string =>
  points < 0 ? `– ${number(-points)}` : `+ ${number(points)}`;

export type Deed = 'save' | 'pause' | 'delete';

/** What becomes of the points given so far, by what is done to the rule. */
export function choiceWords(deed: Deed, kind: ScoreKind): Record<Given, string> {
  if (deed === 'delete') {
    return {
      keep: t`They stay for good, and fade no more.`,
      take_back: t`What is left of them is taken off everybody’s score.`,
    };
  }
  if (deed === 'pause') {
    return {
      keep: t`They stay as they are until the rule goes on.`,
      take_back:
        kind === 'rule'
          ? t`What is left of them goes now. Whoever fulfils the rule when it goes on is given them anew.`
          : t`What is left of them goes now, and does not come back when the rule goes on.`,
    };
  }
  return kind === 'rule'
    ? {
        keep: t`Whoever has points by it keeps them for good, also when the rule turns false. Who comes to fulfil it is given the new points.`,
        take_back: t`What was given goes, and whoever fulfils the rule has what it gives now: as if it had always been so.`,
      }
    : {
        keep: t`What was given stays, and fades as it was given. Events from now on count by the new terms.`,
        take_back: t`What is left of what was given goes. Events from now on count by the new terms.`,
      };
}

/** How often contacts would be given points, in words: "3 or 4 times". */
export function oftenWords(low: number, high: number | null): string {
  if (high === null) return t`${number(low)} times or more`;
  if (low === high) return low === 1 ? t`once` : low === 2 ? t`twice` : t`${number(low)} times`;
  return high - low === 1 ? t`${low} or ${high} times` : t`${low} to ${high} times`;
}
