import { t } from '@lingui/core/macro';
import { SegmentPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <SegmentPicker
      description={t`Counts as done by hand: in a dynamic segment the person is held out.`}
      value={config.segment}
      onChange={(segment) => onChange(compact({ ...config, segment }))}
      error={faultAt(faults, 'segment')}
      readOnly={readOnly}
    />
  );
}
