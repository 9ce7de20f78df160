import { t } from '@lingui/core/macro';
import { Switch } from '@mantine/core';
import { SegmentPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <>
      <SegmentPicker
        description={t`People come in the moment they join this segment.`}
        value={config.segment}
        onChange={(segment) => onChange(compact({ ...config, segment }))}
        error={faultAt(faults, 'segment')}
        readOnly={readOnly}
      />
      <Switch
        size="xs"
        label={t`Let in who is a member at publishing`}
        checked={config.include_existing ?? false}
        disabled={readOnly}
        onChange={(event) =>
          onChange(
            compact({ ...config, include_existing: event.currentTarget.checked || undefined }),
          )
        }
      />
    </>
  );
}
