/** A duration in words: a number and its unit. */
import { Group, Input, NumberInput, Select } from '@mantine/core';
import { useId } from 'react';
import { amountOf, type DurationUnit, isoOf, UNITS } from '@/model/duration';

export interface DurationFieldProps {
  label: string;
  description?: string;
  value: string | undefined | null;
  onChange: (iso: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
  clearable?: boolean;
}

export function DurationField({
  label,
  description,
  value,
  onChange,
  error,
  readOnly,
  clearable = false,
}: DurationFieldProps) {
  const id = useId();
  const amount = amountOf(value);
  const unit = amount?.unit ?? 'hour';
  const change = (next: number | string, nextUnit: DurationUnit) => {
    const size = typeof next === 'number' ? next : Number.parseInt(next, 10);
    if (Number.isFinite(size) && size > 0) onChange(isoOf({ amount: size, unit: nextUnit }));
    else if (clearable) onChange(undefined);
  };
  return (
    <Input.Wrapper label={label} description={description} error={error} size="xs" id={id}>
      <Group gap={6} wrap="nowrap" mt={description ? 6 : 2}>
        <NumberInput
          id={id}
          size="xs"
          w={88}
          min={1}
          max={9999}
          allowDecimal={false}
          clampBehavior="strict"
          value={amount?.amount ?? ''}
          onChange={(next) => change(next, unit)}
          readOnly={readOnly}
          error={Boolean(error)}
        />
        <Select
          aria-label={`Unit of ${label.toLowerCase()}`}
          size="xs"
          flex={1}
          data={UNITS.map((each) => ({ value: each, label: `${each}s` }))}
          value={unit}
          onChange={(next) => change(amount?.amount ?? 1, (next ?? 'hour') as DurationUnit)}
          allowDeselect={false}
          readOnly={readOnly}
          comboboxProps={{ shadow: 'md' }}
        />
      </Group>
    </Input.Wrapper>
  );
}
