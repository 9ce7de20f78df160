/** Choosing one thing by name: a segment, a template, a topic, a flow, a field. */
import { t } from '@lingui/core/macro';
import { type ComboboxItem, Select } from '@mantine/core';
import classes from './fields.module.css';

export interface KeyPickerProps {
  label: string;
  description?: string;
  placeholder?: string;
  value: string | undefined | null;
  onChange: (value: string | undefined) => void;
  options: { value: string; label: string; hint?: string }[];
  /** Shown when there is nothing to choose from. */
  none?: string;
  clearable?: boolean;
  error?: string;
  readOnly?: boolean;
}

export function KeyPicker({
  label,
  description,
  placeholder = t`Choose`,
  value,
  onChange,
  options,
  none = t`Nothing found`,
  clearable = false,
  error,
  readOnly,
}: KeyPickerProps) {
  // A key whose thing is gone is still shown: the fault below says what is wrong with it.
  const known = !value || options.some((option) => option.value === value);
  const data = known ? options : [...options, { value, label: value, hint: t`not found` }];
  const hints = new Map(data.map((option) => [option.value, option.hint]));
  return (
    <Select
      label={label}
      description={description}
      placeholder={placeholder}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      data={data.map(({ value: key, label: name }): ComboboxItem => ({ value: key, label: name }))}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          <small>{hints.get(option.value)}</small>
        </span>
      )}
      searchable
      clearable={clearable}
      allowDeselect={false}
      nothingFoundMessage={none}
      error={error}
      readOnly={readOnly}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
