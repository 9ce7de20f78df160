import { t } from '@lingui/core/macro';
import { LiquidField } from '../fields/LiquidField';
import { type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <LiquidField
      label={t`Text`}
      description={t`An e-mail to the person’s sales rep; who has none goes on. Type ${'{{'} for the person’s fields.`}
      placeholder={t`${'{{'} contact.first_name ${'}}'} asked for a price. Call ${'{{'} contact.phone ${'}}'}.`}
      rows={5}
      value={config.text ?? ''}
      onChange={(text) => onChange({ ...config, text })}
      error={faultAt(faults, 'text')}
      readOnly={readOnly}
    />
  );
}
