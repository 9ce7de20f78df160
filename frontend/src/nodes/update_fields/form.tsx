import { t } from '@lingui/core/macro';
import { Autocomplete, TagsInput } from '@mantine/core';
import { useFields } from '@/api/queries';
import { RowsField } from '../fields/RowsField';
import { type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly, node }: FormProps<Config>) {
  const { data: fields = [] } = useFields();
  const keys = fields.map((field) => field.key);
  return (
    <>
      <RowsField
        key={node.id}
        label={t`Set`}
        description={t`A value may use the contact: ${'{{'} first_name ${'}}'}`}
        values={config.set ?? {}}
        onChange={(set) => onChange({ ...config, set })}
        nameLabel={t`Field`}
        nameInput={(name, change) => (
          <Autocomplete
            size="xs"
            aria-label={t`Field`}
            placeholder={t`Field`}
            data={keys}
            value={name}
            onChange={change}
            readOnly={readOnly}
          />
        )}
        add={t`Field`}
        error={faultAt(faults, 'set')}
        readOnly={readOnly}
      />
      <TagsInput
        size="xs"
        label={t`Erase`}
        placeholder={config.unset?.length ? undefined : t`No field`}
        data={keys}
        value={config.unset ?? []}
        onChange={(unset) => onChange({ ...config, unset })}
        error={faultAt(faults, 'unset')}
        readOnly={readOnly}
      />
    </>
  );
}
