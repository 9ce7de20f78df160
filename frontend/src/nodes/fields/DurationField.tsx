/** A duration in the inspector, in as many units as it needs. */
import { Input } from '@mantine/core';
import { DurationInput } from '@/ui/DurationInput';

export interface DurationFieldProps {
  label: string;
  description?: string;
  value: string | undefined | null;
  onChange: (iso: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
  clearable?: boolean;
}

export function DurationField(props: DurationFieldProps) {
  const { label, description, value, onChange, error, readOnly, clearable = false } = props;
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={description}
      error={error}
      size="xs"
    >
      <DurationInput
        label={label}
        value={value}
        onChange={onChange}
        onClear={clearable ? () => onChange(undefined) : undefined}
        readOnly={readOnly}
        invalid={Boolean(error)}
      />
    </Input.Wrapper>
  );
}
