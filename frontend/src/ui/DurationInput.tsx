/**
 * A span of time in as many units as it needs: "1 day 12 hours".
 *
 * What is no duration yet (an emptied number) stays in the input and is not handed on.
 */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, NativeSelect, NumberInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { unitWords } from '@/model/duration';
import {
  type Amount,
  type DurationUnit,
  durationParts,
  durationWords,
  isoDuration,
  LARGE_FIRST,
  smallerUnit,
} from '@/model/ruleDuration';
import classes from './DurationInput.module.css';

type Typed = { n: number | string; unit: DurationUnit };

interface DurationInputProps {
  label: string;
  value: string | null | undefined;
  onChange: (iso: string) => void;
  /** Called when the number is emptied; without it an empty one is wrong. */
  onClear?: () => void;
  autoFocus?: boolean;
  readOnly?: boolean;
  invalid?: boolean;
  /** Durations to choose by one click. */
  usual?: readonly string[];
}

const asAmounts = (parts: readonly Typed[]): Amount[] =>
  parts.map(({ n, unit }) => ({ n: n === '' ? Number.NaN : Number(n), unit }));

const START: readonly Typed[] = [{ n: '', unit: 'day' }];

export function DurationInput(props: DurationInputProps) {
  const { label, value, onChange, onClear, autoFocus, readOnly, invalid, usual = [] } = props;
  const [typed, setTyped] = useState<readonly Typed[] | null>(null);
  // what is being typed stays as it is typed, as long as it says the same as the value
  const own = typed && (isoDuration(asAmounts(typed)) ?? value) === value ? typed : null;
  const parts = own ?? durationParts(value ?? undefined) ?? START;
  const empty = parts.length === 1 && parts[0]?.n === '';
  const wrong = isoDuration(asAmounts(parts)) === null && !(empty && onClear);
  const smaller = smallerUnit(asAmounts(parts));
  const set = (next: readonly Typed[]) => {
    setTyped(next);
    const iso = isoDuration(asAmounts(next));
    if (iso) onChange(iso);
    else if (next.length === 1 && next[0]?.n === '') onClear?.();
  };
  const change = (at: number, part: Partial<Typed>) =>
    set(parts.map((each, i) => (i === at ? { ...each, ...part } : each)));

  return (
    <fieldset className={classes.span} aria-label={label}>
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has no other name
        <div className={classes.part} key={i}>
          <NumberInput
            aria-label={t`${label}: how many ${unitWords(2, part.unit)}`}
            size="xs"
            min={i === 0 ? 1 : 0}
            max={100_000}
            allowDecimal={false}
            allowNegative={false}
            readOnly={readOnly}
            value={part.n}
            data-autofocus={(autoFocus && i === 0) || undefined}
            error={invalid || (wrong && (part.n === '' || Number(part.n) < 1))}
            onChange={(n) => change(i, { n })}
          />
          <NativeSelect
            aria-label={t`Unit of ${label.toLowerCase()}`}
            size="xs"
            disabled={readOnly}
            value={part.unit}
            data={unitsFor(parts, part.unit).map((unit) => ({
              value: unit,
              label: unitWords(Number(part.n), unit),
            }))}
            onChange={(event) => change(i, { unit: event.currentTarget.value as DurationUnit })}
          />
          {parts.length > 1 && !readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={t`Without the ${part.unit}s`}
              onClick={() => set(parts.filter((_, at) => at !== i))}
            >
              <IconX size={13} />
            </ActionIcon>
          )}
        </div>
      ))}
      {!readOnly && (
        <div className={classes.tools}>
          {smaller && (
            <Button
              variant="subtle"
              size="compact-xs"
              leftSection={<IconPlus size={12} />}
              onClick={() => set([...parts, { n: 1, unit: smaller }])}
            >
              <Trans>and {smaller}s</Trans>
            </Button>
          )}
          {usual.map((iso) => (
            <Button
              key={iso}
              variant="default"
              size="compact-xs"
              aria-pressed={iso === value}
              onClick={() => {
                setTyped(null);
                onChange(iso);
              }}
            >
              {durationWords(iso)}
            </Button>
          ))}
        </div>
      )}
    </fieldset>
  );
}

/** The units that no other part has. */
const unitsFor = (parts: readonly Typed[], own: DurationUnit): DurationUnit[] =>
  LARGE_FIRST.filter((unit) => unit === own || parts.every((part) => part.unit !== unit));
