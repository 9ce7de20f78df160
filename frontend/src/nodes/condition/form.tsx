import { t } from '@lingui/core/macro';
import { RuleField } from '../fields/RuleField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly, graph }: FormProps<Config>) {
  return (
    <RuleField
      label={t`Is this true?`}
      value={config.rule}
      onChange={(rule) => onChange(compact({ ...config, rule }))}
      error={faultAt(faults, 'rule')}
      readOnly={readOnly}
      graph={graph}
    />
  );
}
