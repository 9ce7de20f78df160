/** Asks what becomes of the points that a rule has given, before it is changed, paused, deleted. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Modal, Radio, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, url } from '@/api/client';
import { number } from '@/ui/format';
import classes from './Scoring.module.css';
import { choiceWords, type Deed, type Given, type ScoreRule, type ScoreStanding } from './scoring';

const TITLES: Record<Deed, (name: string) => string> = {
  save: (name) => t`Change “${name}”?`,
  pause: (name) => t`Pause “${name}”?`,
  delete: (name) => t`Delete “${name}”?`,
};
const VERBS: Record<Deed, string> = { save: t`Save`, pause: t`Pause`, delete: t`Delete` };

interface ScoringGivenProps {
  rule: ScoreRule;
  deed: Deed;
  busy: boolean;
  onChoose: (given: Given | undefined) => void;
  onClose: () => void;
}

export function ScoringGiven({ rule, deed, busy, onChoose, onClose }: ScoringGivenProps) {
  const [given, setGiven] = useState<Given>(
    deed === 'save' && rule.kind === 'rule' ? 'take_back' : 'keep',
  );
  const { data, error } = useQuery({
    queryKey: ['score-rules', rule.key, 'standing'],
    queryFn: ({ signal }) =>
      get<ScoreStanding>(url`/api/score-rules/${rule.key}/standing/`, undefined, signal),
    gcTime: 0,
  });
  const words = choiceWords(deed, rule.kind);
  return (
    <Modal opened onClose={onClose} size={480} title={<strong>{TITLES[deed](rule.name)}</strong>}>
      <Stack gap={14}>
        {!data && !error && <Skeleton height={110} />}
        {data?.contacts === 0 && (
          <p className={classes.words}>
            <Trans>Nobody has points by it now.</Trans>
          </p>
        )}
        {(error || (data && data.contacts > 0)) && (
          <Radio.Group
            label={
              data
                ? t`${plural(data.contacts, { one: '# person has', other: '# people have' })} ${number(data.points)} points by it. What becomes of these?`
                : t`What becomes of the points it has given?`
            }
            value={given}
            onChange={(value) => setGiven(value as Given)}
          >
            <Stack gap={10} mt={10}>
              <Radio value="keep" label={t`Keep them`} description={words.keep} />
              <Radio value="take_back" label={t`Take them back`} description={words.take_back} />
            </Stack>
          </Radio.Group>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            color={deed === 'delete' ? 'red' : undefined}
            disabled={!data && !error}
            loading={busy}
            onClick={() => onChoose(data?.contacts === 0 ? undefined : given)}
          >
            {VERBS[deed]}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
