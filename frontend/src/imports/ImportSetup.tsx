/** Before an import starts: columns, then options, then what will happen in words. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { patch, post, url } from '@/api/client';
import { useCanEdit, useFields, useSegments } from '@/api/queries';
import { GuardedButton } from '@/ui/GuardedButton';
import { toastError } from '@/ui/toast';
import { importKey } from './ImportPage';
import classes from './Imports.module.css';
import { MapColumns } from './MapColumns';
import { OptionsForm } from './OptionsForm';
import { Preview } from './Preview';
import { asked, guessed, keyGuessed, reviewSentences } from './plan';
import { ReadAs, type Reading } from './ReadAs';
import type { Check, ColumnChoice, Import, Options } from './types';

const STEPS = [t`Columns`, t`Options`, t`Review`] as const;

export function ImportSetup({ one }: { one: Import }) {
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const { data: fields = [] } = useFields();
  const { data: segments = [] } = useSegments();
  const [step, setStep] = useState(0);
  const [choices, setChoices] = useState<ColumnChoice[]>(() => guessed(one.columns));
  const [options, setOptions] = useState<Options>(() => ({
    key: keyGuessed(guessed(one.columns)),
    existing: 'update',
    empty: 'leave',
    segment: null,
  }));
  const top = useRef<HTMLDivElement>(null);

  const body = asked(choices, options);
  const [settled] = useDebouncedValue(body, 250);
  const check = useQuery({
    queryKey: [...importKey(one.id), 'check', one.delimiter, one.encoding, one.header, settled],
    queryFn: ({ signal }) =>
      post<Check>(url`/api/contacts/import/${one.id}/mapping/check/`, settled, signal),
    placeholderData: keepPreviousData,
    enabled: canEdit,
    staleTime: 60_000,
  });
  const problems = check.data?.problems ?? [];

  const readAs = useMutation({
    mutationFn: (reading: Reading) => patch<Import>(url`/api/contacts/import/${one.id}/`, reading),
    onSuccess: (fresh) => {
      setChoices(guessed(fresh.columns));
      setOptions((before) => ({ ...before, key: keyGuessed(guessed(fresh.columns)) }));
      client.setQueryData(importKey(one.id), fresh);
    },
    onError: (error) => toastError(error, t`The file could not be read so`),
  });
  const start = useMutation({
    mutationFn: () => post<Import>(url`/api/contacts/import/${one.id}/start/`, body),
    onSuccess: (started) => {
      client.setQueryData(importKey(one.id), started);
      void client.invalidateQueries({ queryKey: ['imports', 'list'] });
      void client.invalidateQueries({ queryKey: ['fields'] });
    },
    onError: (error) => toastError(error, t`The import was not started`),
  });

  const go = (to: number) => {
    setStep(to);
    top.current?.scrollIntoView({ block: 'start' });
  };
  const inTheWay = step === 0 ? problems.filter((each) => each.code !== 'segment') : problems;
  const because = inTheWay[0]?.detail ?? null;
  const segment = segments.find((each) => each.key === options.segment)?.name ?? options.segment;

  return (
    <div className={classes.setup} ref={top}>
      <nav aria-label={t`Steps of the import`} className={classes.steps}>
        <ol>
          {STEPS.map((name, index) => (
            <li key={name}>
              <button
                type="button"
                className={classes.step}
                aria-current={index === step ? 'step' : undefined}
                disabled={index > step && because !== null}
                onClick={() => go(index)}
              >
                <span aria-hidden className={classes.stepNumber}>
                  {index + 1}
                </span>{' '}
                {name}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      {step === 0 && (
        <>
          <ReadAs one={one} busy={readAs.isPending} onChange={readAs.mutate} />
          <MapColumns
            one={one}
            choices={choices}
            onChange={setChoices}
            fields={fields}
            problems={problems}
            summary={check.data?.summary}
            readOnly={!canEdit}
          />
        </>
      )}
      {step === 1 && <OptionsForm value={options} onChange={setOptions} problems={problems} />}
      {step === 2 && (
        <section className={classes.review} aria-label={t`What will happen`}>
          {reviewSentences(one, choices, options, segment).map((said) => (
            <p key={said}>{said}</p>
          ))}
        </section>
      )}
      {step !== 1 && check.data && (
        <Preview one={one} choices={choices} check={check.data} stale={check.isFetching} />
      )}
      <footer className={classes.foot}>
        <span className={classes.because} role="status">
          {because}
        </span>
        {step > 0 && (
          <Button variant="default" onClick={() => go(step - 1)}>
            <Trans>Back</Trans>
          </Button>
        )}
        {step < STEPS.length - 1 ? (
          <Button disabled={because !== null} onClick={() => go(step + 1)}>
            <Trans>Next: {STEPS[step + 1]?.toLowerCase()}</Trans>
          </Button>
        ) : (
          <GuardedButton because={because} loading={start.isPending} onClick={() => start.mutate()}>
            <Trans>Start the import</Trans>
          </GuardedButton>
        )}
      </footer>
    </div>
  );
}
