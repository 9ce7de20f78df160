/** One condition on an event's property: which, how compared, with what. */
import { t } from '@lingui/core/macro';
import { Autocomplete, NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import { usePropertiesOfEvents } from '@/api/queries';
import type { FieldType, Operator, RuleValue } from '@/model/rule';
import {
  impliedType,
  OPERATORS,
  operatorWords,
  withOperator,
  withType,
} from '@/model/ruleOperators';
import { ValueInput } from './inputs';

const TYPE_WORDS: Record<FieldType, string> = {
  string: t`text`,
  number: t`number`,
  boolean: t`yes or no`,
  datetime: t`date`,
  list: t`list`,
};

type Asking = { property: string; op: Operator; value?: RuleValue };

interface PropertyEditorProps<Kind extends Asking> {
  /** The events whose properties are offered. */
  events: readonly string[];
  value: Kind;
  onChange: (value: Kind) => void;
  autoFocus?: boolean;
}

export function PropertyEditor<Kind extends Asking>({
  events,
  value,
  onChange,
  autoFocus = true,
}: PropertyEditorProps<Kind>) {
  const properties = usePropertiesOfEvents(events.filter((name) => name !== '*'));
  const known = properties.find((each) => each.property === value.property)?.type;
  const [said, setSaid] = useState<FieldType | null>(null);
  const type = known ?? said ?? impliedType(value);

  return (
    <Stack gap={8}>
      <Autocomplete
        label={t`Property`}
        placeholder={t`total, or cart.total`}
        size="xs"
        data-autofocus={autoFocus && !value.property ? true : undefined}
        comboboxProps={{ withinPortal: false }}
        data={properties.map((each) => each.property)}
        value={value.property}
        onChange={(property) => {
          const next = { ...value, property };
          const found = properties.find((each) => each.property === property);
          onChange(found && found.type !== type ? withType(next, found.type) : next);
        }}
      />
      {!known && (
        <NativeSelect
          label={t`Its type`}
          size="xs"
          value={type}
          data={Object.entries(TYPE_WORDS).map(([key, label]) => ({ value: key, label }))}
          onChange={(event) => {
            const next = event.currentTarget.value as FieldType;
            setSaid(next);
            onChange(withType(value, next));
          }}
        />
      )}
      <NativeSelect
        aria-label={t`How to compare`}
        size="xs"
        value={value.op}
        data={OPERATORS[type].map((each) => ({
          value: each.op,
          label: each.suffix ? `${each.label} … ${each.suffix}` : each.label,
        }))}
        onChange={(event) =>
          onChange(withOperator(value, type, event.currentTarget.value as Operator))
        }
      />
      <ValueInput
        shape={operatorWords(type, value.op).shape}
        value={value.value}
        source={{ events, property: value.property }}
        autoFocus={autoFocus && Boolean(value.property)}
        onChange={(next) => onChange({ ...value, value: next })}
      />
    </Stack>
  );
}
