import { t } from '@lingui/core/macro';
import { TextInput } from '@mantine/core';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <TextInput
      label={t`Reason`}
      description={t`For the record, on the contact’s page.`}
      placeholder={t`No interest`}
      maxLength={200}
      value={config.reason ?? ''}
      onChange={(event) => onChange(compact({ ...config, reason: event.currentTarget.value }))}
      error={faultAt(faults, 'reason')}
      readOnly={readOnly}
    />
  );
}
