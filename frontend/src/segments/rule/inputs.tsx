/** Inputs for the values of a rule: one for each shape that a value can have. */
import {
  NativeSelect,
  NumberInput,
  SegmentedControl,
  TagsInput,
  TextInput,
  type TextInputProps,
} from '@mantine/core';
import { useState } from 'react';
import type { RuleValue } from '@/model/rule';
import { type DurationUnit, durationAmount, isoDuration } from '@/model/ruleDuration';
import type { ValueShape } from '@/model/ruleOperators';
import classes from './rule.module.css';

const UNITS: readonly DurationUnit[] = ['minute', 'hour', 'day', 'week'];

interface DurationInputProps {
  label: string;
  value: string | undefined;
  onChange: (iso: string) => void;
  autoFocus?: boolean;
}

/** A whole number and a unit; what is not a duration yet is kept in the input and not handed on. */
export function DurationInput({ label, value, onChange, autoFocus }: DurationInputProps) {
  const amount = durationAmount(value) ?? { n: 1, unit: 'day' as const };
  const [typed, setTyped] = useState<string | number>(amount.n);
  const units = amount.unit === 'second' ? (['second', ...UNITS] as const) : UNITS;
  const hand = (n: string | number, unit: DurationUnit) => {
    const iso = isoDuration({ n: Number(n), unit });
    if (iso) onChange(iso);
  };
  return (
    <fieldset className={classes.pair} aria-label={label}>
      <NumberInput
        aria-label={`${label}: how many`}
        size="xs"
        min={1}
        max={100_000}
        allowDecimal={false}
        value={typed}
        data-autofocus={autoFocus || undefined}
        error={isoDuration({ n: Number(typed), unit: amount.unit }) === null}
        onChange={(n) => {
          setTyped(n);
          hand(n, amount.unit);
        }}
      />
      <NativeSelect
        aria-label={`${label}: unit`}
        size="xs"
        value={amount.unit}
        data={units.map((unit) => ({ value: unit, label: amount.n === 1 ? unit : `${unit}s` }))}
        onChange={(event) => hand(typed, event.currentTarget.value as DurationUnit)}
      />
    </fieldset>
  );
}

/** An instant as UTC, to the minute. */
export function InstantInput({
  label,
  value,
  onChange,
  ...rest
}: { label: string; value: string | undefined; onChange: (iso: string) => void } & Omit<
  TextInputProps,
  'value' | 'onChange' | 'label'
>) {
  return (
    <TextInput
      {...rest}
      type="datetime-local"
      size="xs"
      label={`${label} (UTC)`}
      value={localPart(value)}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        if (typed) onChange(`${typed}:00Z`);
      }}
    />
  );
}

/** `2026-05-01T09:00:00Z` → `2026-05-01T09:00`, as the browser's input wants it. */
function localPart(value: string | undefined): string {
  if (!value) return '';
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(value) || /^\d{4}-\d\d-\d\d$/.test(value);
  const date = new Date(zoned ? value : `${value}Z`);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16);
}

interface ValueInputProps {
  shape: ValueShape;
  value: RuleValue | undefined;
  onChange: (value: RuleValue) => void;
  autoFocus?: boolean;
}

const asNumber = (typed: string | number): number | null =>
  typed === '' || Number.isNaN(Number(typed)) ? null : Number(typed);

/** The input that fits a value's shape. */
export function ValueInput({ shape, value, onChange, autoFocus = true }: ValueInputProps) {
  const focus = autoFocus || undefined;
  switch (shape) {
    case 'none':
      return null;
    case 'text':
      return (
        <TextInput
          aria-label="Value"
          placeholder="Value"
          data-autofocus={focus}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'texts':
    case 'numbers':
      return (
        <TagsInput
          aria-label="Values"
          placeholder="Type and press Enter"
          size="xs"
          data-autofocus={focus}
          comboboxProps={{ withinPortal: false }}
          splitChars={[',', ';']}
          acceptValueOnBlur
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(all) =>
            onChange(
              shape === 'texts' ? all : all.map(Number).filter((each) => Number.isFinite(each)),
            )
          }
        />
      );
    case 'number':
      return (
        <NumberInput
          aria-label="Value"
          placeholder="Number"
          size="xs"
          data-autofocus={focus}
          value={typeof value === 'number' ? value : ''}
          onChange={(typed) => onChange(asNumber(typed))}
        />
      );
    case 'range':
      return <RangeInput value={value} onChange={onChange} focus={focus} />;
    case 'boolean':
      return (
        <SegmentedControl
          aria-label="Value"
          size="xs"
          fullWidth
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
          value={String(value === true)}
          onChange={(chosen) => onChange(chosen === 'true')}
        />
      );
    case 'duration':
      return (
        <DurationInput
          label="Time"
          value={typeof value === 'string' ? value : undefined}
          onChange={onChange}
          autoFocus={autoFocus}
        />
      );
    case 'instant':
      return (
        <InstantInput
          label="Date and time"
          value={typeof value === 'string' ? value : undefined}
          onChange={onChange}
          data-autofocus={focus}
        />
      );
  }
}

function RangeInput({
  value,
  onChange,
  focus,
}: {
  value: RuleValue | undefined;
  onChange: (value: RuleValue) => void;
  focus?: true;
}) {
  const [low, high] = Array.isArray(value) ? value : [];
  const ends = [typeof low === 'number' ? low : 0, typeof high === 'number' ? high : 0] as const;
  return (
    <fieldset className={classes.pair} aria-label="From and to">
      <NumberInput
        aria-label="From"
        size="xs"
        data-autofocus={focus}
        value={ends[0]}
        onChange={(typed) => onChange([asNumber(typed) ?? 0, ends[1]])}
      />
      <NumberInput
        aria-label="To"
        size="xs"
        value={ends[1]}
        onChange={(typed) => onChange([ends[0], asNumber(typed) ?? 0])}
      />
    </fieldset>
  );
}
