/** The zone whose clock counts: the contact's own, or one by name. */
import { t } from '@lingui/core/macro';
import { KeyPicker } from './KeyPicker';

export const OWN_ZONE = 'contact';
const ZONES = [
  { value: OWN_ZONE, label: t`The contact’s own` },
  ...['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map(
    (zone) => ({ value: zone, label: zone }),
  ),
];

interface ZonePickerProps {
  label?: string;
  value: string | undefined;
  onChange: (zone: string | undefined) => void;
  error?: string;
  readOnly?: boolean;
}

export function ZonePicker({ label = t`Time zone`, value, ...props }: ZonePickerProps) {
  return (
    <KeyPicker
      {...props}
      label={label}
      none={t`No time zone of that name`}
      value={value ?? OWN_ZONE}
      options={ZONES}
    />
  );
}
