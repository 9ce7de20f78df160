import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useWorkspace } from '@/api/queries';
import { LiquidField } from '../fields/LiquidField';
import classes from '../fields/TemplateField.module.css';
import { type FormProps, faultAt } from '../kind';
import type { Config } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const { data: workspace } = useWorkspace();
  return (
    <>
      <LiquidField
        label={t`Text`}
        description={t`Type ${'{{'} for the person’s fields. People go on at once; the message follows.`}
        placeholder={t`${'{{'} contact.first_name ${'}}'} of ${'{{'} contact.company ${'}}'} is hot`}
        rows={3}
        value={config.text ?? ''}
        onChange={(text) => onChange({ ...config, text })}
        error={faultAt(faults, 'text')}
        readOnly={readOnly}
      />
      {workspace && !workspace.slack_webhook_set && (
        <p>
          <Trans>
            No Slack channel is set for this workspace.{' '}
            <Link to="/settings" search={{ tab: 'sending' }} className={classes.link}>
              Set it
            </Link>
          </Trans>
        </p>
      )}
    </>
  );
}
