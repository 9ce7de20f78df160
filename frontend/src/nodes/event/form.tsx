import { t } from '@lingui/core/macro';
import { EventPicker } from '../fields/pickers';
import { WhereField } from '../fields/WhereField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <>
      <EventPicker
        description={t`People come in when they do this.`}
        value={config.name}
        onChange={(name) => onChange(compact({ ...config, name }))}
        error={faultAt(faults, 'name')}
        readOnly={readOnly}
      />
      <WhereField
        event={config.name}
        value={config.where}
        onChange={(where) => onChange(compact({ ...config, where }))}
        error={faultAt(faults, 'where')}
        readOnly={readOnly}
      />
    </>
  );
}
