import { t } from '@lingui/core/macro';
import { Input, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { InstantInput } from '@/segments/rule/InstantInput';
import { SegmentsPicker } from '../fields/pickers';
import { type FormProps, faultAt } from '../kind';
import { Audience } from './Audience';
import type { Config } from './card';

/** The next full hour, a day from now: a moment that is surely still to come. */
function tomorrow(): string {
  const at = new Date(Date.now() + 86_400_000);
  at.setMinutes(0, 0, 0);
  return at.toISOString().replace('.000Z', 'Z');
}

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const [later, setLater] = useState(Boolean(config.at));
  const change = (part: Partial<Config>) => {
    const { at, ...rest } = { ...config, ...part };
    onChange({ ...rest, ...(at && { at }) });
  };
  return (
    <>
      <SegmentsPicker
        label={t`Everybody in any of`}
        placeholder={t`Choose segments`}
        value={config.segments ?? []}
        onChange={(segments) => change({ segments })}
        error={faultAt(faults, 'segments')}
        readOnly={readOnly}
      />
      <SegmentsPicker
        label={t`but in none of`}
        placeholder={t`No segment`}
        value={config.exclude ?? []}
        onChange={(exclude) => change({ exclude })}
        error={faultAt(faults, 'exclude')}
        readOnly={readOnly}
      />
      <Audience include={config.segments ?? []} exclude={config.exclude ?? []} />
      <Input.Wrapper
        label={t`When`}
        labelElement="div"
        size="xs"
        description={
          later
            ? t`Who is in these segments at that moment comes in, each person once.`
            : t`Who is in these segments when you publish comes in, each person once.`
        }
      >
        <SegmentedControl
          mt={6}
          size="xs"
          fullWidth
          aria-label={t`When`}
          readOnly={readOnly}
          value={later ? 'at' : 'publish'}
          data={[
            { value: 'publish', label: t`At publishing` },
            { value: 'at', label: t`At a set time` },
          ]}
          onChange={(next) => {
            setLater(next === 'at');
            change({ at: next === 'at' ? (config.at ?? tomorrow()) : undefined });
          }}
        />
      </Input.Wrapper>
      {later && (
        <InstantInput
          label={t`Date and time`}
          value={config.at ?? undefined}
          onChange={(at) => change({ at })}
          error={faultAt(faults, 'at')}
          readOnly={readOnly}
        />
      )}
    </>
  );
}
