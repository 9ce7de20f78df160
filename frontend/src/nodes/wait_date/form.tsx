import { SegmentedControl } from '@mantine/core';
import { DurationField } from '../fields/DurationField';
import { FieldPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

type Side = 'at' | 'before' | 'after';

function sideOf(offset: string | undefined): Side {
  if (!offset) return 'at';
  return offset.startsWith('-') ? 'before' : 'after';
}

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const side = sideOf(config.offset);
  const length = config.offset?.replace(/^-/, '');
  const change = (part: Partial<Config>) => onChange(compact({ ...config, ...part }));
  const signed = (next: Side, iso = 'P1D') =>
    next === 'at' ? undefined : `${next === 'before' ? '-' : ''}${iso}`;

  return (
    <>
      <FieldPicker
        label="Date"
        types={['datetime']}
        value={config.field}
        onChange={(field) => change({ field })}
        error={faultAt(faults, 'field')}
        readOnly={readOnly}
      />
      <SegmentedControl
        size="xs"
        fullWidth
        readOnly={readOnly}
        value={side}
        data={[
          { value: 'before', label: 'Before' },
          { value: 'at', label: 'At that time' },
          { value: 'after', label: 'After' },
        ]}
        onChange={(next) => change({ offset: signed(next as Side, length) })}
      />
      {side !== 'at' && (
        <DurationField
          label={side === 'before' ? 'How long before' : 'How long after'}
          value={length}
          onChange={(iso) => change({ offset: signed(side, iso) })}
          error={faultAt(faults, 'offset')}
          readOnly={readOnly}
        />
      )}
    </>
  );
}
