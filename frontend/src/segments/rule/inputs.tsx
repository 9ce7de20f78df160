/** Inputs for the values of a rule: one for each shape that a value can have. */
import { t } from '@lingui/core/macro';
import {
  Autocomplete,
  type ComboboxLikeRenderOptionInput,
  NumberInput,
  SegmentedControl,
  TagsInput,
} from '@mantine/core';
import { useState } from 'react';
import type { RuleValue } from '@/model/rule';
import type { ValueShape } from '@/model/ruleOperators';
import { DurationInput } from '@/ui/DurationInput';
import { number } from '@/ui/format';
import { InstantInput } from './InstantInput';
import classes from './rule.module.css';
import { type UsualValue, useUsualValues, type ValueSource } from './usualValues';

/** Offered by one click wherever a rule asks how long. */
export const USUAL_SPANS = ['PT1H', 'P1D', 'P7D', 'P30D', 'P90D'] as const;

interface ValueInputProps {
  shape: ValueShape;
  value: RuleValue | undefined;
  onChange: (value: RuleValue) => void;
  /** Whose usual values are offered. */
  source?: ValueSource;
  autoFocus?: boolean;
}

const asNumber = (typed: string | number): number | null =>
  typed === '' || typed === '-' || Number.isNaN(Number(typed)) ? null : Number(typed);

/** The input that fits a value's shape. */
export function ValueInput(props: ValueInputProps) {
  const { shape, value, onChange, source = null, autoFocus = true } = props;
  const focus = autoFocus || undefined;
  switch (shape) {
    case 'none':
      return null;
    case 'text':
      return <TextValue value={value} onChange={onChange} source={source} focus={focus} />;
    case 'texts':
    case 'numbers':
      return (
        <ListValue
          value={value}
          onChange={onChange}
          source={source}
          focus={focus}
          numbers={shape === 'numbers'}
        />
      );
    case 'number':
      return (
        <NumberInput
          aria-label={t`Value`}
          placeholder={t`Number`}
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
          aria-label={t`Value`}
          size="xs"
          fullWidth
          data={[
            { value: 'true', label: t`Yes` },
            { value: 'false', label: t`No` },
          ]}
          value={String(value === true)}
          onChange={(chosen) => onChange(chosen === 'true')}
        />
      );
    case 'duration':
      return (
        <DurationInput
          label={t`Time`}
          value={typeof value === 'string' ? value : undefined}
          onChange={onChange}
          autoFocus={autoFocus}
          usual={USUAL_SPANS}
        />
      );
    case 'instant':
      return (
        <InstantInput
          label={t`Date and time`}
          value={typeof value === 'string' ? value : undefined}
          onChange={(instant) => onChange(instant ?? null)}
          autoFocus={autoFocus}
        />
      );
  }
}

interface OfferingProps {
  value: RuleValue | undefined;
  onChange: (value: RuleValue) => void;
  source: ValueSource;
  focus: true | undefined;
}

/** An offered value with how often it was seen. */
const withCount =
  (usual: readonly UsualValue[]) =>
  ({ option }: ComboboxLikeRenderOptionInput<{ value: string }>) => {
    const seen = usual.find((each) => each.value === option.value);
    return (
      <span className={classes.usual}>
        <span>{option.value}</span>
        {seen && <small>{number(seen.count)}</small>}
      </span>
    );
  };

const COMBOBOX = { withinPortal: false, shadow: 'md' } as const;

function TextValue({ value, onChange, source, focus }: OfferingProps) {
  const text = typeof value === 'string' ? value : '';
  const usual = useUsualValues(source, text);
  const offered = usual.map((each) => each.value);
  return (
    <Autocomplete
      aria-label={t`Value`}
      placeholder={t`Value`}
      size="xs"
      data-autofocus={focus}
      comboboxProps={COMBOBOX}
      data={offered}
      limit={50}
      renderOption={withCount(usual)}
      // a value that was chosen before still shows what else there is
      filter={offered.includes(text) ? ({ options }) => options : undefined}
      value={text}
      onChange={onChange}
    />
  );
}

/** Several values. What is no number yet stays in the input and is said to be none. */
function ListValue({
  value,
  onChange,
  source,
  focus,
  numbers,
}: OfferingProps & { numbers: boolean }) {
  const [search, setSearch] = useState('');
  const [refused, setRefused] = useState<readonly string[]>([]);
  const usual = useUsualValues(source, search);
  return (
    <TagsInput
      aria-label={t`Values`}
      placeholder={t`Type and press Enter`}
      description={numbers ? undefined : t`Several may be pasted, with commas or in lines.`}
      size="xs"
      data-autofocus={focus}
      comboboxProps={COMBOBOX}
      data={usual.map((each) => each.value)}
      limit={50}
      renderOption={withCount(usual)}
      splitChars={[',', ';', '\n', '\t']}
      acceptValueOnBlur
      clearable
      clearButtonProps={{ 'aria-label': t`Without any value` }}
      searchValue={search}
      onSearchChange={setSearch}
      error={refused.length > 0 ? t`Not a number: ${refused.join(', ')}` : undefined}
      value={Array.isArray(value) ? value.map(String) : []}
      onChange={(all) => {
        if (!numbers) {
          onChange(all);
          return;
        }
        const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));
        setRefused(all.filter((text) => !isNumber(text)));
        onChange(all.filter(isNumber).map(Number));
      }}
    />
  );
}

interface RangeInputProps {
  value: RuleValue | undefined;
  onChange: (value: RuleValue) => void;
  focus: true | undefined;
}

/** Two ends. One that is empty is kept so, and asked for. */
function RangeInput({ value, onChange, focus }: RangeInputProps) {
  const [low, high] = Array.isArray(value) ? value : [];
  const ends = [typeof low === 'number' ? low : '', typeof high === 'number' ? high : ''] as const;
  const wrong = ends[0] !== '' && ends[1] !== '' && ends[0] > ends[1];
  const hand = (from: string | number, to: string | number) =>
    onChange([asNumber(from) ?? '', asNumber(to) ?? '']);
  return (
    <fieldset className={classes.pair} aria-label={t`From and to`}>
      <NumberInput
        aria-label={t`From`}
        placeholder={t`From`}
        size="xs"
        data-autofocus={focus}
        value={ends[0]}
        error={wrong}
        onChange={(typed) => hand(typed, ends[1])}
      />
      <NumberInput
        aria-label={t`To`}
        placeholder={t`To`}
        size="xs"
        value={ends[1]}
        error={wrong}
        onChange={(typed) => hand(ends[0], typed)}
      />
    </fieldset>
  );
}
