import { t } from '@lingui/core/macro';
import { Input, SegmentedControl } from '@mantine/core';
import { OffsetField } from '../fields/OffsetField';
import { FieldPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

const REPEATS: Record<NonNullable<Config['repeat']>, string> = {
  never: t`When the date comes: a trial’s end, an appointment.`,
  yearly: t`On the same day of every year: a birthday, a renewal.`,
};

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const change = (part: Partial<Config>) => onChange(compact({ ...config, ...part }));
  const repeat = config.repeat ?? 'never';
  return (
    <>
      <FieldPicker
        label={t`Date`}
        description={t`People come in when this date comes; a date that is past lets nobody in.`}
        types={['datetime']}
        value={config.field}
        onChange={(field) => change({ field })}
        error={faultAt(faults, 'field')}
        readOnly={readOnly}
      />
      <OffsetField
        value={config.offset}
        onChange={(offset) => change({ offset })}
        error={faultAt(faults, 'offset')}
        readOnly={readOnly}
      />
      <Input.Wrapper
        label={t`How often`}
        labelElement="div"
        size="xs"
        description={REPEATS[repeat]}
        error={faultAt(faults, 'repeat')}
      >
        <SegmentedControl
          mt={6}
          size="xs"
          fullWidth
          aria-label={t`How often`}
          readOnly={readOnly}
          value={repeat}
          data={[
            { value: 'never', label: t`Once` },
            { value: 'yearly', label: t`Every year` },
          ]}
          onChange={(next) => change({ repeat: next === 'yearly' ? 'yearly' : 'never' })}
        />
      </Input.Wrapper>
    </>
  );
}
