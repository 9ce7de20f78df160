/** One question of a flow template. Events and fields that were never seen may be typed in. */
import { Autocomplete, NumberInput, TextInput } from '@mantine/core';
import { useEventNames, useFields } from '@/api/queries';
import type { FlowTemplateAsk } from '@/api/types';
import { DurationField } from '@/nodes/fields/DurationField';
import { SegmentPicker } from '@/nodes/fields/pickers';

interface AskFieldProps {
  ask: FlowTemplateAsk;
  value: string | number | undefined;
  onChange: (value: string | number | undefined) => void;
  error?: string;
  readOnly: boolean;
}

export function AskField({ ask, value, onChange, error, readOnly }: AskFieldProps) {
  const { data: events = [] } = useEventNames();
  const { data: fields = [] } = useFields();
  const shared = {
    label: ask.label,
    description: ask.help || undefined,
    error,
    readOnly,
    size: 'xs',
  } as const;
  const text = value === undefined ? '' : String(value);
  const typed = (next: string) => onChange(next === '' ? undefined : next);

  switch (ask.type) {
    case 'event':
    case 'field': {
      const names =
        ask.type === 'event'
          ? events.map(({ name }) => name)
          : fields
              .filter(({ type }) => !ask.field_type || type === ask.field_type)
              .map(({ key }) => key);
      return (
        <Autocomplete
          {...shared}
          value={text}
          onChange={typed}
          data={[...new Set(names)]}
          maxLength={200}
          comboboxProps={{ shadow: 'md' }}
        />
      );
    }
    case 'segment':
      return (
        <SegmentPicker
          label={ask.label}
          description={ask.help || undefined}
          value={text || undefined}
          onChange={onChange}
          error={error}
          readOnly={readOnly}
        />
      );
    case 'duration':
      return (
        <DurationField
          label={ask.label}
          description={ask.help || undefined}
          value={text || undefined}
          onChange={onChange}
          clearable
          error={error}
          readOnly={readOnly}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...shared}
          value={value ?? ''}
          onChange={(next) => onChange(next === '' ? undefined : Number(next))}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          type={ask.type === 'text' ? 'text' : ask.type}
          inputMode={ask.type === 'text' ? undefined : ask.type}
          maxLength={200}
          value={text}
          onChange={(event) => typed(event.currentTarget.value)}
        />
      );
  }
}
