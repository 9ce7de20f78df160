import { t } from '@lingui/core/macro';
import { FlowPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <FlowPicker
      description={t`The contact enters that flow, if its settings let it.`}
      value={config.flow}
      onChange={(flow) => onChange(compact({ ...config, flow }))}
      error={faultAt(faults, 'flow')}
      readOnly={readOnly}
    />
  );
}
