import { SegmentPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <SegmentPicker
      description="A contact enters the flow the moment it leaves this segment."
      value={config.segment}
      onChange={(segment) => onChange(compact({ ...config, segment }))}
      error={faultAt(faults, 'segment')}
      readOnly={readOnly}
    />
  );
}
