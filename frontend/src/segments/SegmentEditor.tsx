/** The page of one segment with its draft: what was changed here and is not saved yet. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { ApiError, patch, post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import type { Segment, SegmentKind } from '@/api/types';
import { emptyGroup, isGroup, type Rule } from '@/model/rule';
import { ruleHints } from '@/model/ruleHints';
import { plural, slug } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { toast, toastError } from '@/ui/toast';
import { SegmentBadge } from './kinds';
import { PreviewPanel } from './PreviewPanel';
import { drawable, type RuleProblem } from './RuleBuilder';
import classes from './Segment.module.css';
import { SegmentHistory } from './SegmentHistory';
import { SegmentPeople } from './SegmentPeople';
import { SegmentRule } from './SegmentRule';
import { SegmentUses, useSegmentUses } from './SegmentUses';
import { usePreview } from './usePreview';
import { useRuleChoices } from './useRuleChoices';

export interface SegmentDraft {
  name: string;
  description: string;
  kind: SegmentKind;
  rule: Rule;
}

const TABS = ['rule', 'people', 'history', 'uses'] as const;

function draftOf(segment: Segment | null): SegmentDraft {
  return {
    name: segment?.name ?? '',
    description: segment?.description ?? '',
    kind: segment?.kind ?? 'dynamic',
    rule: segment ? drawable(segment.rule) : emptyGroup(),
  };
}

/** A static segment may do without a rule: it is filled by hand alone. */
const byHandAlone = ({ kind, rule }: SegmentDraft): boolean =>
  kind === 'static' && isGroup(rule) && rule.rules.length === 0;

const bodyOf = (draft: SegmentDraft) => ({
  ...draft,
  name: draft.name.trim(),
  rule: byHandAlone(draft) ? null : draft.rule,
});

/** The server's refusals of the rule, each with its path. */
function ruleProblems(error: Error | null): RuleProblem[] {
  if (!(error instanceof ApiError)) return [];
  return error.errors
    .filter((item) => item.attr?.startsWith('rule'))
    .map((item) => ({ path: item.attr ?? '', detail: item.detail }));
}

function whyNotSaved(draft: SegmentDraft, changed: boolean, hints: number): string | null {
  if (!draft.name.trim()) return 'Give it a name first.';
  if (hints > 0) return `${plural(hints, 'thing')} still to choose in the rule.`;
  return changed ? null : 'Nothing has been changed.';
}

export function SegmentEditor({ segment }: { segment: Segment | null }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const choices = useRuleChoices();
  const { tab: asked } = useSearch({ from: '/shell/segments/$key' });
  const tab = TABS.find((each) => each === asked) ?? 'rule';
  const [saved, setSaved] = useState(() => draftOf(segment));
  const [draft, setDraft] = useState(saved);
  const leaving = useRef(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(saved);
  const byHand = byHandAlone(draft);
  const hints = useMemo(
    () => (byHand ? [] : ruleHints(draft.rule, choices)),
    [byHand, draft.rule, choices],
  );
  const ready = hints.length === 0 && !byHand;
  const preview = usePreview(draft.rule, ready);
  const uses = useSegmentUses(segment?.key ?? null);

  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed &&
      !leaving.current &&
      current.pathname !== next.pathname &&
      !window.confirm('Leave without saving the changes to this segment?'),
    enableBeforeUnload: changed,
  });

  const save = useMutation({
    mutationFn: (body: SegmentDraft) =>
      segment
        ? patch<Segment>(url`/api/segments/${segment.key}/`, bodyOf(body))
        : post<Segment>('/api/segments/', { key: slug(body.name), ...bodyOf(body) }),
    onSuccess: async (answer) => {
      client.setQueryData(['segment', answer.key], answer);
      void client.invalidateQueries({ queryKey: ['segments'] });
      setSaved(draft);
      if (segment) {
        toast(answer.status === 'building' ? 'Saved: it is being built anew.' : 'Saved.');
        return;
      }
      leaving.current = true;
      toast(`“${answer.name}” is there.`);
      await navigate({ to: '/segments/$key', params: { key: answer.key }, replace: true });
    },
    onError: (error) => {
      if (ruleProblems(error).length === 0) toastError(error, 'This was not saved');
    },
  });
  const change = (part: Partial<SegmentDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (part.rule) save.reset();
  };
  const cancel = () => {
    save.reset();
    if (segment) setDraft(saved);
    else void navigate({ to: '/segments' });
  };

  const title = draft.name || (segment ? segment.name : 'New segment');
  const tabs = [
    { value: 'rule', label: 'Rule' },
    { value: 'people', label: 'People' },
    { value: 'history', label: 'History' },
    { value: 'uses', label: uses.count ? `Used in ${uses.count}` : 'Used in' },
  ];

  return (
    <Page
      title={title}
      crumbs={[{ label: 'Segments', to: '/segments' }]}
      titleSlot={
        canEdit && tab === 'rule' ? (
          <input
            className={classes.titleInput}
            aria-label="Name of the segment"
            placeholder="Name this segment"
            maxLength={200}
            value={draft.name}
            // a new segment begins with its name
            // biome-ignore lint/a11y/noAutofocus: the page is about nothing else yet
            autoFocus={!segment}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        ) : (
          title
        )
      }
      badge={segment && <SegmentBadge segment={segment} />}
      tabs={segment ? tabs : undefined}
      tab={tab}
      onTab={(next) =>
        navigate({
          to: '/segments/$key',
          params: { key: segment?.key ?? 'new' },
          search: next === 'rule' ? {} : { tab: next },
          replace: true,
        })
      }
      actions={
        tab === 'rule' && (
          <>
            {(changed || !segment) && (
              <Button variant="default" onClick={cancel}>
                Cancel
              </Button>
            )}
            <GuardedButton
              because={whyNotSaved(draft, changed, hints.length)}
              loading={save.isPending}
              onClick={() => save.mutate(draft)}
            >
              {segment ? 'Save' : 'Create segment'}
            </GuardedButton>
          </>
        )
      }
      asideLabel="Who this rule chooses"
      aside={
        tab === 'rule' && (
          <PreviewPanel preview={preview} ready={ready} segment={segment} changed={changed} />
        )
      }
    >
      {tab === 'rule' && (
        <SegmentRule
          draft={draft}
          change={change}
          segment={segment}
          choices={choices}
          readOnly={!canEdit}
          problems={ruleProblems(save.error)}
        />
      )}
      {tab === 'people' && segment && <SegmentPeople segment={segment} />}
      {tab === 'history' && segment && <SegmentHistory segment={segment} />}
      {tab === 'uses' && segment && <SegmentUses segment={segment} uses={uses} />}
    </Page>
  );
}
