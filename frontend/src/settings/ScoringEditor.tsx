/** One score rule: for what, how many points, whether they fade, how often at most. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import {
  Button,
  Group,
  NumberInput,
  Select,
  Skeleton,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, get, patch, post, url } from '@/api/client';
import { useCanEdit } from '@/api/queries';
import { ruleHints } from '@/model/ruleHints';
import { EventPicker } from '@/nodes/fields/pickers';
import { WhereField } from '@/nodes/fields/WhereField';
import { RuleBuilder } from '@/segments/RuleBuilder';
import { RuleSentence } from '@/segments/RuleSentence';
import { useRuleChoices } from '@/segments/useRuleChoices';
import { EmptyState } from '@/ui/EmptyState';
import { GuardedButton } from '@/ui/GuardedButton';
import { toast, toastError } from '@/ui/toast';
import classes from './Scoring.module.css';
import { ScoringGiven } from './ScoringGiven';
import { ScoringKind } from './ScoringKind';
import { ScoringPreview, useScorePreview } from './ScoringPreview';
import {
  ANY_ACTIVITY,
  bodyOf,
  decayWords,
  draftOf,
  type Given,
  missing,
  type ScoreDraft,
  type ScoreRule,
  SIGNS,
  sameTerms,
  stretches,
} from './scoring';

interface ScoringEditorProps {
  /** The rule's key; null for a new one. */
  ruleKey: string | null;
  onClose: () => void;
}

export function ScoringEditor({ ruleKey, onClose }: ScoringEditorProps) {
  const { data, error } = useQuery({
    queryKey: ['score-rules', ruleKey],
    queryFn: ({ signal }) =>
      get<ScoreRule>(url`/api/score-rules/${ruleKey ?? ''}/`, undefined, signal),
    enabled: ruleKey !== null,
  });
  if (error) {
    return (
      <EmptyState
        title={t`This score rule cannot be shown`}
        text={error.message}
        action={
          <Button variant="default" onClick={onClose}>
            <Trans>All score rules</Trans>
          </Button>
        }
      />
    );
  }
  if (ruleKey !== null && !data) return <Skeleton height={320} maw={640} />;
  return <Editor rule={data ?? null} onClose={onClose} />;
}

function Editor({ rule, onClose }: { rule: ScoreRule | null; onClose: () => void }) {
  const canEdit = useCanEdit();
  const client = useQueryClient();
  const choices = useRuleChoices();
  const [saved] = useState(() => draftOf(rule));
  const [draft, setDraft] = useState(saved);
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: (given: Given | undefined) => {
      const body = { ...bodyOf(draft), ...(given && { given }) };
      return rule
        ? patch<ScoreRule>(url`/api/score-rules/${rule.key}/`, body)
        : post<ScoreRule>('/api/score-rules/', body);
    },
    onSuccess: async (answer) => {
      client.setQueryData(['score-rules', answer.key], answer);
      await client.invalidateQueries({ queryKey: ['score-rules'] });
      toast(rule ? t`Saved.` : t`“${answer.name}” gives points from now on.`);
      onClose();
    },
    onError: (error) => {
      setAsking(false);
      if (!(error instanceof ApiError && error.status === 400)) {
        toastError(error, t`The rule was not saved`);
      }
    },
  });
  const change = (part: Partial<ScoreDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (save.error) save.reset();
  };
  const hints = draft.kind === 'rule' ? ruleHints(draft.rule, choices).length : 0;
  const notYet = missing(draft, hints);
  const preview = useScorePreview(draft, notYet);
  const changed = JSON.stringify(draft) !== JSON.stringify(saved);
  const because = !draft.name.trim()
    ? t`Give the rule a name first.`
    : (notYet ?? (rule && !changed ? t`Nothing was changed.` : null));
  const error = save.error ?? preview.error;

  return (
    <div className={classes.editor}>
      <div className={classes.bar}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconArrowLeft size={14} />}
          onClick={onClose}
        >
          <Trans>All score rules</Trans>
        </Button>
        <Group gap={8}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <GuardedButton
            because={because}
            loading={save.isPending}
            onClick={() =>
              rule && !sameTerms(draft, saved) ? setAsking(true) : save.mutate(undefined)
            }
          >
            {rule ? t`Save` : t`Make the rule`}
          </GuardedButton>
        </Group>
      </div>
      <div className={classes.columns}>
        <div className={classes.form}>
          <TextInput
            label={t`Name`}
            placeholder={t`Completed an order`}
            maxLength={200}
            data-autofocus
            readOnly={!canEdit}
            value={draft.name}
            error={at(save.error, 'name') ?? at(save.error, 'key')}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <ScoringKind
            value={draft.kind}
            disabled={!canEdit || rule !== null}
            onChange={(kind) => change({ kind })}
          />
          {draft.kind === 'event' ? (
            <ForEvents draft={draft} change={change} error={error} readOnly={!canEdit} />
          ) : (
            <div className={classes.rule}>
              <RuleSentence rule={draft.rule} names={choices} />
              <RuleBuilder
                {...choices}
                value={draft.rule}
                onChange={(next) => change({ rule: next })}
                readOnly={!canEdit}
                problems={problemsOf(error)}
              />
            </div>
          )}
          <Points draft={draft} change={change} error={error} readOnly={!canEdit} />
          <Textarea
            label={t`Description`}
            placeholder={
              canEdit ? t`Why this is worth points, for those who come after you` : t`None`
            }
            autosize
            minRows={2}
            maxLength={2000}
            readOnly={!canEdit}
            value={draft.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
        </div>
        <aside className={classes.aside} aria-label={t`Who would be given points`}>
          <ScoringPreview preview={preview} />
        </aside>
      </div>
      {asking && rule && (
        <ScoringGiven
          rule={rule}
          deed="save"
          busy={save.isPending}
          onClose={() => setAsking(false)}
          onChoose={(given) => save.mutate(given)}
        />
      )}
    </div>
  );
}

interface PartProps {
  draft: ScoreDraft;
  change: (part: Partial<ScoreDraft>) => void;
  error: Error | null;
  readOnly: boolean;
}

/** The server's sentence for one place, or for what lies within it. */
function at(error: Error | null, place: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.errors.find(({ attr }) => attr === place || attr?.startsWith(`${place}.`))?.detail;
}

function problemsOf(error: Error | null) {
  if (!(error instanceof ApiError)) return [];
  return error.errors
    .filter((item) => item.attr?.startsWith('rule'))
    .map((item) => ({ path: item.attr ?? '', detail: item.detail }));
}

function ForEvents({ draft, change, error, readOnly }: PartProps) {
  const any = draft.event === ANY_ACTIVITY;
  return (
    <div className={classes.events}>
      <Switch
        label={t`For any activity, whichever event`}
        checked={any}
        disabled={readOnly}
        onChange={(event) =>
          change({ event: event.currentTarget.checked ? ANY_ACTIVITY : '', where: [] })
        }
      />
      {!any && (
        <EventPicker
          description={t`Each time a contact does this, the points are given once.`}
          value={draft.event}
          onChange={(event) => change({ event: event ?? '' })}
          error={at(error, 'event')}
          readOnly={readOnly}
        />
      )}
      {!any && (
        <WhereField
          event={draft.event || undefined}
          value={draft.where}
          onChange={(where) => change({ where: where ?? [] })}
          error={at(error, 'where')}
          readOnly={readOnly}
        />
      )}
    </div>
  );
}

const asNumber = (value: string | number): number | null =>
  typeof value === 'number' ? value : Number.parseFloat(value) || null;

function Points({ draft, change, error, readOnly }: PartProps) {
  const fades = draft.decay !== null;
  return (
    <fieldset className={classes.terms}>
      <legend>
        <Trans>Points</Trans>
      </legend>
      <div className={classes.line}>
        <Select
          aria-label={t`Gives or takes`}
          size="xs"
          w={96}
          data={SIGNS}
          allowDeselect={false}
          readOnly={readOnly}
          value={draft.gives ? 'gives' : 'takes'}
          onChange={(sign) => change({ gives: sign !== 'takes' })}
        />
        <NumberInput
          aria-label={t`Points`}
          size="xs"
          w={110}
          min={0}
          max={100_000}
          decimalScale={2}
          readOnly={readOnly}
          value={draft.points ?? ''}
          error={Boolean(at(error, 'points'))}
          onChange={(points) => change({ points: asNumber(points) })}
        />
        <span>
          {draft.kind === 'event' ? t`points each time` : t`points while the rule is true`}
        </span>
      </div>
      {at(error, 'points') && <p className={classes.bad}>{at(error, 'points')}</p>}
      <div className={classes.line}>
        <Switch
          label={t`They fade by`}
          checked={fades}
          disabled={readOnly}
          onChange={(event) => change({ decay: event.currentTarget.checked ? 1 : null })}
        />
        <NumberInput
          aria-label={t`Points that fade each week`}
          size="xs"
          w={90}
          min={0}
          max={100_000}
          decimalScale={2}
          disabled={!fades}
          readOnly={readOnly}
          value={draft.decay ?? ''}
          error={Boolean(at(error, 'decay_per_week'))}
          onChange={(decay) => change({ decay: asNumber(decay) ?? 0 })}
        />
        <span>
          <Trans>a week</Trans>
        </span>
      </div>
      <p className={at(error, 'decay_per_week') ? classes.bad : classes.hint}>
        {at(error, 'decay_per_week') ??
          decayWords(draft.points, draft.decay) ??
          (fades ? '' : t`What is given stays. Fading points make a high score mean now.`)}
      </p>
      {draft.kind === 'event' && (
        <>
          <div className={classes.line}>
            <Switch
              label={t`At most`}
              checked={draft.limit !== null}
              disabled={readOnly}
              onChange={(event) =>
                change({ limit: event.currentTarget.checked ? { times: 1, per: 'P1D' } : null })
              }
            />
            <NumberInput
              aria-label={t`Times at most`}
              size="xs"
              w={90}
              min={1}
              max={1_000_000}
              allowDecimal={false}
              disabled={!draft.limit}
              readOnly={readOnly}
              value={draft.limit?.times ?? ''}
              error={Boolean(at(error, 'limit.times'))}
              onChange={(times) =>
                draft.limit && change({ limit: { ...draft.limit, times: asNumber(times) ?? 0 } })
              }
            />
            <span>{draft.limit?.times === 1 ? t`time in` : t`times in`}</span>
            <Select
              aria-label={t`In which stretch of time`}
              size="xs"
              w={120}
              data={stretches(draft.limit)}
              allowDeselect={false}
              disabled={!draft.limit}
              readOnly={readOnly}
              value={draft.limit?.per ?? 'P1D'}
              error={at(error, 'limit.per')}
              onChange={(per) => draft.limit && per && change({ limit: { ...draft.limit, per } })}
            />
          </div>
          <p className={classes.hint}>
            {draft.limit
              ? t`The first of each stretch count. Days are those of the workspace’s time zone, weeks begin on Monday.`
              : t`Every event counts, however many there are.`}
          </p>
        </>
      )}
    </fieldset>
  );
}
