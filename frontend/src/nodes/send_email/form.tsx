import { t } from '@lingui/core/macro';
import { TextInput } from '@mantine/core';
import { LiquidField } from '../fields/LiquidField';
import { TopicPicker } from '../fields/pickers';
import { TemplateField } from '../fields/TemplateField';
import { compact, type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const change = (part: Partial<Config>) => onChange(compact({ ...config, ...part }));
  return (
    <>
      <TemplateField
        value={config.template}
        onChange={(template) => change({ template })}
        error={faultAt(faults, 'template')}
        readOnly={readOnly}
      />
      <TopicPicker
        description={t`Who has unsubscribed from it gets nothing, and goes on.`}
        value={config.topic}
        onChange={(topic) => change({ topic })}
        error={faultAt(faults, 'topic')}
        readOnly={readOnly}
      />
      <LiquidField
        label={t`Subject`}
        placeholder={t`As in the template`}
        value={config.subject ?? ''}
        onChange={(subject) => change({ subject: subject || undefined })}
        error={faultAt(faults, 'subject')}
        readOnly={readOnly}
      />
      <TextInput
        label={t`From`}
        placeholder={t`As the workspace sends`}
        value={config.from ?? ''}
        onChange={(event) => change({ from: event.currentTarget.value || undefined })}
        error={faultAt(faults, 'from')}
        readOnly={readOnly}
      />
    </>
  );
}
