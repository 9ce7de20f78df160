import { t } from '@lingui/core/macro';
import { NumberInput } from '@mantine/core';
import { type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <NumberInput
      size="xs"
      label={t`Change the score by`}
      description={t`Below zero takes away.`}
      value={config.by ?? ''}
      onChange={(by) => onChange(typeof by === 'number' ? { ...config, by } : {})}
      error={faultAt(faults, 'by')}
      readOnly={readOnly}
    />
  );
}
