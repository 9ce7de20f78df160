import { t } from '@lingui/core/macro';
import { OffsetField } from '../fields/OffsetField';
import { FieldPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const change = (part: Partial<Config>) => onChange(compact({ ...config, ...part }));
  return (
    <>
      <FieldPicker
        label={t`Date`}
        types={['datetime']}
        value={config.field}
        onChange={(field) => change({ field })}
        error={faultAt(faults, 'field')}
        readOnly={readOnly}
      />
      <OffsetField
        value={config.offset}
        onChange={(offset) => change({ offset })}
        error={faultAt(faults, 'offset')}
        readOnly={readOnly}
      />
    </>
  );
}
