/** Before, at or after a date, and by how much: "-P3D" is three days before. */
import { t } from '@lingui/core/macro';
import { SegmentedControl } from '@mantine/core';
import { DurationField } from './DurationField';

type Side = 'at' | 'before' | 'after';

function sideOf(offset: string | undefined): Side {
  if (!offset) return 'at';
  return offset.startsWith('-') ? 'before' : 'after';
}

interface OffsetFieldProps {
  value: string | undefined;
  onChange: (offset: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
}

export function OffsetField({ value, onChange, error, readOnly }: OffsetFieldProps) {
  const side = sideOf(value);
  const length = value?.replace(/^-/, '');
  const signed = (next: Side, iso = 'P1D') =>
    next === 'at' ? undefined : `${next === 'before' ? '-' : ''}${iso}`;
  return (
    <>
      <SegmentedControl
        size="xs"
        fullWidth
        readOnly={readOnly}
        aria-label={t`Before, at or after that date`}
        value={side}
        data={[
          { value: 'before', label: t`Before` },
          { value: 'at', label: t`At that time` },
          { value: 'after', label: t`After` },
        ]}
        onChange={(next) => onChange(signed(next as Side, length))}
      />
      {side !== 'at' && (
        <DurationField
          label={side === 'before' ? t`How long before` : t`How long after`}
          value={length}
          onChange={(iso) => onChange(signed(side, iso))}
          error={error}
          readOnly={readOnly}
        />
      )}
    </>
  );
}
