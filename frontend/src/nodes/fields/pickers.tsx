/** The pickers of the inspector, each bound to what the workspace has. */
import { plural, t } from '@lingui/core/macro';
import { Autocomplete, MultiSelect } from '@mantine/core';
import { useEventNames, useFields, useFlowChoices, useSegments, useTopics } from '@/api/queries';
import classes from './fields.module.css';
import { KeyPicker } from './KeyPicker';

export interface PickerProps {
  label?: string;
  description?: string;
  value: string | undefined | null;
  onChange: (value: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
}

export function SegmentPicker({
  label = t`Segment`,
  none,
  ...props
}: PickerProps & {
  /** What choosing none means; without it, one is needed. */
  none?: string;
}) {
  const { data = [] } = useSegments();
  return (
    <KeyPicker
      {...props}
      label={label}
      placeholder={none ?? t`Choose a segment`}
      clearable={none !== undefined}
      none={t`No segment of that name`}
      options={data.map((segment) => ({
        value: segment.key,
        label: segment.name,
        hint: `${segment.kind} · ${plural(segment.size, { one: '# person', other: '# people' })}`,
      }))}
    />
  );
}

interface SegmentsPickerProps extends Omit<PickerProps, 'value' | 'onChange'> {
  label: string;
  /** Names a field without a label. */
  name?: string;
  placeholder: string;
  value: string[];
  onChange: (value: string[]) => void;
}

/** Several segments; one that is gone is still shown: the fault below says what is wrong. */
export function SegmentsPicker({ placeholder, name, value, ...props }: SegmentsPickerProps) {
  const { data = [] } = useSegments();
  const missing = value.filter((key) => data.every((segment) => segment.key !== key));
  const sizes = new Map(
    data.map(({ key, size }) => [key, plural(size, { one: '# person', other: '# people' })]),
  );
  return (
    <MultiSelect
      {...props}
      size="xs"
      aria-label={name}
      placeholder={value.length > 0 ? undefined : placeholder}
      data={[
        ...data.map((segment) => ({ value: segment.key, label: segment.name })),
        ...missing.map((key) => ({ value: key, label: key })),
      ]}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          <small>{sizes.get(option.value) ?? t`not found`}</small>
        </span>
      )}
      value={value}
      searchable
      hidePickedOptions
      nothingFoundMessage={t`No segment of that name`}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}

export function FlowPicker({
  label = t`Flow`,
  without,
  ...props
}: PickerProps & { without?: string }) {
  const { data = [] } = useFlowChoices();
  return (
    <KeyPicker
      {...props}
      label={label}
      placeholder={t`Choose a flow`}
      none={t`No flow of that name`}
      options={data
        .filter((flow) => flow.key !== without)
        .map((flow) => ({ value: flow.key, label: flow.name, hint: flow.status }))}
    />
  );
}

export function TopicPicker({
  label = t`Topic`,
  needed = false,
  ...props
}: PickerProps & { needed?: boolean }) {
  const { data = [] } = useTopics();
  return (
    <KeyPicker
      {...props}
      label={label}
      placeholder={needed ? t`Choose a topic` : t`No topic`}
      none={t`No topic of that name`}
      clearable={!needed}
      options={data.map((topic) => ({
        value: topic.key,
        label: topic.name,
        hint: topic.opt_in ? t`only who said yes` : t`all but who said no`,
      }))}
    />
  );
}

export function FieldPicker({
  label = t`Field`,
  types,
  ...props
}: PickerProps & { types?: string[] }) {
  const { data = [] } = useFields();
  return (
    <KeyPicker
      {...props}
      label={label}
      placeholder={t`Choose a field`}
      none={t`No field of that name`}
      options={data
        .filter((field) => !types || types.includes(field.type))
        .map((field) => ({ value: field.key, label: field.name || field.key, hint: field.type }))}
    />
  );
}

/** Event names are free: one that never came yet may be typed in. */
export function EventPicker({
  label = t`Event`,
  autoFocus,
  ...props
}: PickerProps & { autoFocus?: boolean }) {
  const { data = [] } = useEventNames();
  return (
    <Autocomplete
      size="xs"
      label={label || undefined}
      aria-label={label ? undefined : t`Event`}
      autoFocus={autoFocus}
      description={props.description}
      placeholder="Order Completed"
      value={props.value ?? ''}
      onChange={(value) => props.onChange(value || undefined)}
      data={data.map((event) => event.name)}
      error={props.error}
      readOnly={props.readOnly}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
