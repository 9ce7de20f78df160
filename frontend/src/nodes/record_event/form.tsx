import { t } from '@lingui/core/macro';
import { EventPicker } from '../fields/pickers';
import { RowsField } from '../fields/RowsField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly, node }: FormProps<Config>) {
  return (
    <>
      <EventPicker
        value={config.name}
        onChange={(name) => onChange(compact({ ...config, name }))}
        error={faultAt(faults, 'name')}
        readOnly={readOnly}
      />
      <RowsField
        key={node.id}
        label={t`Properties`}
        description={t`A value may use the contact: ${'{{'} plan ${'}}'}`}
        values={config.properties ?? {}}
        onChange={(properties) => onChange({ ...config, properties })}
        nameLabel={t`Property`}
        add={t`Property`}
        error={faultAt(faults, 'properties')}
        readOnly={readOnly}
      />
    </>
  );
}
