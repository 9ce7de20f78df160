import { t } from '@lingui/core/macro';
import { DurationField } from '../fields/DurationField';
import { RuleField } from '../fields/RuleField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly, graph }: FormProps<Config>) {
  return (
    <>
      <RuleField
        label={t`Go on when this is true`}
        value={config.rule}
        onChange={(rule) => onChange(compact({ ...config, rule }))}
        error={faultAt(faults, 'rule')}
        readOnly={readOnly}
        graph={graph}
      />
      <DurationField
        label={t`At most`}
        value={config.timeout}
        onChange={(timeout) => onChange(compact({ ...config, timeout }))}
        error={faultAt(faults, 'timeout')}
        readOnly={readOnly}
      />
    </>
  );
}
