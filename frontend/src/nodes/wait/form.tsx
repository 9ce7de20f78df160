import { t } from '@lingui/core/macro';
import { DurationField } from '../fields/DurationField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <DurationField
      label={t`Wait for`}
      value={config.for}
      onChange={(length) => onChange(compact({ ...config, for: length }))}
      error={faultAt(faults, 'for')}
      readOnly={readOnly}
    />
  );
}
