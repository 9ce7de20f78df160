/** The page of one segment with its draft: what was changed here and is not saved yet. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { ApiError, patch, post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import { ruleHints } from '@/model/ruleHints';
import { number, sentence, slug } from '@/ui/format';
import { GuardedButton } from '@/ui/GuardedButton';
import { Page } from '@/ui/Page';
import { toast, toastError } from '@/ui/toast';
import { ChangeDialog } from './ChangeDialog';
import {
  byHandAlone,
  changesMembers,
  draftBody,
  draftOf,
  freshDraft,
  isChanged,
  type SegmentDraft,
  whyNotSaved,
} from './draft';
import { SegmentBadge } from './kinds';
import { useNameCheck, useNaming } from './naming/convention';
import { NameHelp } from './naming/NameHelp';
import { PreviewPanel } from './PreviewPanel';
import type { RuleProblem } from './RuleBuilder';
import classes from './Segment.module.css';
import { SegmentGrowth } from './SegmentGrowth';
import { SegmentHeld } from './SegmentHeld';
import { SegmentHistory } from './SegmentHistory';
import { SegmentMenu } from './SegmentMenu';
import { SegmentOverlap } from './SegmentOverlap';
import { SegmentPeople } from './SegmentPeople';
import { SegmentRule } from './SegmentRule';
import { SegmentUses } from './SegmentUses';
import { STARTERS } from './starters';
import type { Segment } from './types';
import { usePreview } from './usePreview';
import { useRuleChoices } from './useRuleChoices';

const TABS = ['rule', 'people', 'held', 'history', 'growth', 'overlap', 'uses'] as const;

/** The server's refusals of the rule, each with its path. */
function ruleProblems(error: Error | null): RuleProblem[] {
  if (!(error instanceof ApiError)) return [];
  return error.errors
    .filter((item) => item.attr?.startsWith('rule'))
    .map((item) => ({ path: item.attr ?? '', detail: item.detail }));
}

export function SegmentEditor({ segment }: { segment: Segment | null }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const choices = useRuleChoices();
  const { tab: asked, start, rule } = useSearch({ from: '/shell/segments/$key' });
  const tab = TABS.find((each) => each === asked) ?? 'rule';
  const [saved, setSaved] = useState(() => draftOf(segment));
  const [draft, setDraft] = useState(() =>
    segment
      ? saved
      : freshDraft(
          STARTERS.find((each) => each.key === start),
          rule,
        ),
  );
  const [looking, setLooking] = useState(false);
  const leaving = useRef(false);
  const changed = isChanged(draft, saved);
  const byHand = byHandAlone(draft);
  const hints = useMemo(
    () => (byHand ? [] : ruleHints(draft.rule, choices)),
    [byHand, draft.rule, choices],
  );
  const ready = hints.length === 0 && !byHand;
  const preview = usePreview(draft.rule, ready, draft.top);
  const naming = useNaming().data;
  const { data: check } = useNameCheck(draft.name, naming !== undefined && canEdit);
  const misnamed =
    naming?.enforce === 'refuse' && draft.name !== saved.name ? check?.problems[0] : undefined;

  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed &&
      !leaving.current &&
      current.pathname !== next.pathname &&
      !window.confirm(t`Leave without saving the changes to this segment?`),
    enableBeforeUnload: changed,
  });

  const save = useMutation({
    mutationFn: (body: SegmentDraft) =>
      segment
        ? patch<Segment>(url`/api/segments/${segment.key}/`, draftBody(body))
        : post<Segment>('/api/segments/', { key: slug(body.name), ...draftBody(body) }),
    onSuccess: async (answer) => {
      client.setQueryData(['segment', answer.key], answer);
      void client.invalidateQueries({ queryKey: ['segments'] });
      void client.invalidateQueries({ queryKey: ['segment', answer.key] });
      setSaved(draft);
      setLooking(false);
      if (segment) {
        toast(answer.status === 'building' ? t`Saved: it is being built anew.` : t`Saved.`);
        return;
      }
      leaving.current = true;
      toast(t`“${answer.name}” is there.`);
      await navigate({ to: '/segments/$key', params: { key: answer.key }, replace: true });
    },
    onError: (error) => {
      setLooking(false);
      if (ruleProblems(error).length === 0) toastError(error, t`This was not saved`);
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
  const look = segment !== null && changesMembers(draft, saved);

  const title = draft.name || (segment ? segment.name : t`New segment`);
  const uses = segment?.used_in.length ?? 0;
  const tabs = [
    { value: 'rule', label: t`Rule` },
    { value: 'people', label: t`People` },
    { value: 'held', label: t`Held` },
    { value: 'history', label: t`History` },
    { value: 'growth', label: t`Growth` },
    { value: 'overlap', label: t`Overlap` },
    { value: 'uses', label: uses ? t`Used in ${number(uses)}` : t`Used in` },
  ];
  const because = misnamed ? sentence(misnamed) : whyNotSaved(draft, changed, hints.length);

  return (
    <Page
      title={title}
      crumbs={[{ label: t`Segments`, to: '/segments' }]}
      titleSlot={
        canEdit && tab === 'rule' ? (
          <input
            className={classes.titleInput}
            aria-label={t`Name of the segment`}
            aria-describedby="name-help"
            placeholder={t`Name this segment`}
            title={draft.name}
            maxLength={200}
            value={draft.name}
            // a new segment begins with its name
            // biome-ignore lint/a11y/noAutofocus: the page is about nothing else yet
            autoFocus={!segment}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        ) : (
          <span title={title}>{title}</span>
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
        <>
          {tab === 'rule' && (changed || !segment) && (
            <Button variant="default" onClick={cancel}>
              <Trans>Cancel</Trans>
            </Button>
          )}
          {(tab === 'rule' || changed) && (
            <GuardedButton
              because={because}
              loading={save.isPending}
              onClick={() => (look ? setLooking(true) : save.mutate(draft))}
            >
              {segment ? (look ? t`Save…` : t`Save`) : t`Create segment`}
            </GuardedButton>
          )}
          {segment && (
            <SegmentMenu
              segment={segment}
              onDeleted={() => {
                leaving.current = true;
              }}
            />
          )}
        </>
      }
      asideLabel={t`Who this rule chooses`}
      aside={
        tab === 'rule' && (
          <PreviewPanel preview={preview} ready={ready} segment={segment} changed={changed} />
        )
      }
    >
      {tab === 'rule' && (
        <>
          {canEdit && (
            <NameHelp
              id="name-help"
              naming={naming}
              check={check}
              name={draft.name}
              onName={(name) => change({ name })}
            />
          )}
          <SegmentRule
            draft={draft}
            change={change}
            segment={segment}
            choices={choices}
            readOnly={!canEdit}
            problems={save.error ? ruleProblems(save.error) : preview.problems}
          />
        </>
      )}
      {tab === 'people' && segment && <SegmentPeople segment={segment} />}
      {tab === 'held' && segment && <SegmentHeld segment={segment} />}
      {tab === 'history' && segment && <SegmentHistory segment={segment} />}
      {tab === 'growth' && segment && <SegmentGrowth segment={segment} />}
      {tab === 'overlap' && segment && <SegmentOverlap segment={segment} />}
      {tab === 'uses' && segment && <SegmentUses segment={segment} />}
      {looking && segment && (
        <ChangeDialog
          segment={segment}
          draft={draft}
          busy={save.isPending}
          onSave={() => save.mutate(draft)}
          onClose={() => setLooking(false)}
        />
      )}
    </Page>
  );
}
