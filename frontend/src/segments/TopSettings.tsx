/** A ranked segment: the rule's people cut to the first so many, by a number that each has. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { NumberInput, Select, Switch } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import { useId } from 'react';
import type { Field } from '@/api/types';
import { durationParts, durationWords, isoDuration } from '@/model/ruleDuration';
import { MOST_RANKED, topFault } from './draft';
import classes from './Segment.module.css';
import type { Top } from './types';

const CHANGE = 'score_change:';
const PERIODS = ['P7D', 'P14D', 'P30D', 'P60D', 'P90D'];
const REFRESHES = ['PT1M', 'PT5M', 'PT15M', 'PT1H', 'PT6H', 'P1D'];
const USUAL: Top = { by: 'score', limit: 100, refresh_every: 'PT5M' };

interface TopSettingsProps {
  value: Top | null;
  onChange: (top: Top | null) => void;
  fields: readonly Field[];
  readOnly: boolean;
}

/** A duration among others, as it is written there if it is one of them. */
const withOwn = (options: readonly string[], own: string | undefined): string[] => {
  if (!own || options.includes(own)) return [...options];
  const parts = durationParts(own);
  const iso = parts && isoDuration(parts);
  return iso && options.includes(iso) ? [...options] : [own, ...options];
};

const durations = (options: readonly string[], own: string | undefined) =>
  withOwn(options, own).map((iso) => ({ value: iso, label: durationWords(iso) }));

export function TopSettings({ value, onChange, fields, readOnly }: TopSettingsProps) {
  const id = useId();
  const set = (part: Partial<Top>) => onChange({ ...(value ?? USUAL), ...part });
  const period = typeof value?.by === 'object' ? value.by.score_change : undefined;
  const by = period ? CHANGE : typeof value?.by === 'string' ? value.by : '';
  const numbers = fields.filter((field) => field.type === 'number');
  const options = [
    ...(numbers.some((field) => field.key === 'score')
      ? []
      : [{ value: 'score', label: t`score` }]),
    ...numbers.map((field) => ({ value: field.key, label: field.name || field.key })),
    { value: CHANGE, label: t`change of the score` },
  ];
  const fault = topFault(value);
  return (
    <section className={classes.top} aria-label={t`Ranking`}>
      <Switch
        size="xs"
        checked={value !== null}
        disabled={readOnly}
        onChange={(event) => onChange(event.currentTarget.checked ? USUAL : null)}
        label={
          <span className={classes.topLabel}>
            <Trans>
              <IconTrophy size={15} stroke={1.7} aria-hidden /> Only the first of them, by a number
            </Trans>
          </span>
        }
      />
      {value && (
        <>
          <div className={classes.topRow}>
            <label htmlFor={`${id}-limit`}>
              <Trans>The</Trans>
            </label>
            <NumberInput
              id={`${id}-limit`}
              aria-label={t`How many people`}
              size="xs"
              w={90}
              min={1}
              max={MOST_RANKED}
              allowDecimal={false}
              thousandSeparator=","
              readOnly={readOnly}
              value={value.limit}
              onChange={(limit) => set({ limit: typeof limit === 'number' ? limit : 0 })}
            />
            <span>
              <Trans>with the highest</Trans>
            </span>
            <Select
              aria-label={t`Ranked by`}
              searchable
              allowDeselect={false}
              w={190}
              readOnly={readOnly}
              data={options}
              value={by || null}
              onChange={(next) =>
                next && set({ by: next === CHANGE ? { score_change: 'P30D' } : next })
              }
            />
            {period && (
              <>
                <span>
                  <Trans>over the last</Trans>
                </span>
                <Select
                  aria-label={t`Over which period`}
                  allowDeselect={false}
                  w={110}
                  readOnly={readOnly}
                  data={durations(PERIODS, period)}
                  value={period}
                  onChange={(next) => next && set({ by: { score_change: next } })}
                />
              </>
            )}
            <span>
              <Trans>refreshed every</Trans>
            </span>
            <Select
              aria-label={t`Refreshed every`}
              allowDeselect={false}
              w={120}
              readOnly={readOnly}
              data={durations(REFRESHES, value.refresh_every)}
              value={value.refresh_every ?? USUAL.refresh_every}
              onChange={(next) => next && set({ refresh_every: next })}
            />
          </div>
          <p className={classes.topNote} data-bad={fault ? true : undefined}>
            {fault ??
              t`Of equals, who has been here longer comes first. Who is in depends on everybody else, so it follows every refresh, not every event.`}
          </p>
        </>
      )}
    </section>
  );
}
