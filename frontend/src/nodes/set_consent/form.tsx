import { t } from '@lingui/core/macro';
import { SegmentedControl } from '@mantine/core';
import { TopicPicker } from '../fields/pickers';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  return (
    <>
      <TopicPicker
        needed
        value={config.topic}
        onChange={(topic) => onChange(compact({ ...config, topic }))}
        error={faultAt(faults, 'topic')}
        readOnly={readOnly}
      />
      <SegmentedControl
        size="xs"
        fullWidth
        readOnly={readOnly}
        value={config.state ?? 'subscribed'}
        data={[
          { value: 'subscribed', label: t`Subscribed` },
          { value: 'unsubscribed', label: t`Unsubscribed` },
        ]}
        onChange={(state) => onChange({ ...config, state: state as Config['state'] })}
      />
    </>
  );
}
