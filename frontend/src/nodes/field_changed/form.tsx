import { t } from '@lingui/core/macro';
import { Autocomplete, Select, Switch } from '@mantine/core';
import { useFields } from '@/api/queries';
import type { FieldType, Json } from '@/api/types';
import { InstantInput } from '@/segments/rule/InstantInput';
import { useUsualValues } from '@/segments/rule/usualValues';
import { FieldPicker } from '../fields/pickers';
import { type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const { data: fields = [] } = useFields();
  const type = fields.find((field) => field.key === config.field)?.type ?? 'string';
  const asked = config.to !== undefined && config.to !== null;
  return (
    <>
      <FieldPicker
        description={t`People come in when this field gets another value.`}
        value={config.field}
        onChange={(field) => onChange(field ? { field } : {})}
        error={faultAt(faults, 'field')}
        readOnly={readOnly}
      />
      {type !== 'list' && (
        <Switch
          size="xs"
          label={t`Only when it becomes a certain value`}
          checked={asked}
          disabled={readOnly || !config.field}
          onChange={(event) =>
            onChange({
              field: config.field,
              ...(event.currentTarget.checked && { to: type === 'boolean' ? true : '' }),
            })
          }
        />
      )}
      {asked && (
        <ValueInput
          field={config.field ?? ''}
          type={type}
          value={config.to}
          onChange={(to) => onChange({ ...config, to })}
          error={faultAt(faults, 'to')}
          readOnly={readOnly}
        />
      )}
    </>
  );
}

interface ValueInputProps {
  field: string;
  type: FieldType;
  value: Json | undefined;
  onChange: (value: Json) => void;
  error?: string;
  readOnly: boolean;
}

/** A number as a number as soon as it is one; everything else as it is typed. */
function typedAs(type: FieldType, text: string): Json {
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text)) && !/[.]0*$/.test(text);
  return type === 'number' && isNumber ? Number(text) : text;
}

function ValueInput({ field, type, value, onChange, error, readOnly }: ValueInputProps) {
  const text = value === undefined || value === null ? '' : String(value);
  const usual = useUsualValues(type === 'boolean' || type === 'datetime' ? null : { field }, text);
  if (type === 'boolean') {
    return (
      <Select
        label={t`Becomes`}
        data={[
          { value: 'true', label: t`yes` },
          { value: 'false', label: t`no` },
        ]}
        value={text}
        allowDeselect={false}
        onChange={(next) => onChange(next === 'true')}
        error={error}
        readOnly={readOnly}
      />
    );
  }
  if (type === 'datetime') {
    return (
      <InstantInput
        label={t`Becomes`}
        value={text || undefined}
        onChange={(at) => onChange(at ?? '')}
        error={error}
        readOnly={readOnly}
      />
    );
  }
  return (
    <Autocomplete
      size="xs"
      label={t`Becomes`}
      placeholder={t`Value`}
      data={[...new Set(usual.map((each) => each.value))]}
      value={text}
      onChange={(next) => onChange(typedAs(type, next))}
      error={error}
      readOnly={readOnly}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
