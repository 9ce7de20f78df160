/** When this flow's e-mails may go out, and how many one person gets. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Group, NumberInput, Switch, TextInput } from '@mantine/core';
import type { EmailLimit, FlowSettings, QuietHours } from '@/api/types';
import { limitWords, quietWords } from '@/model/settingsWords';
import { DurationField } from '@/nodes/fields/DurationField';
import { OWN_ZONE, ZonePicker } from '@/nodes/fields/ZonePicker';
import { Sentence } from '@/ui/Sentence';
import classes from './Inspector.module.css';

interface PartProps<T> {
  value: T | null | undefined;
  onChange: (value: T | null) => void;
  error?: string;
  readOnly: boolean;
}

const USUAL_QUIET: QuietHours = { from: '22:00', to: '07:00', timezone: OWN_ZONE };
const USUAL_LIMIT: EmailLimit = { count: 3, per: 'P7D' };

export function QuietHoursSetting({ value, onChange, error, readOnly }: PartProps<QuietHours>) {
  return (
    <section className={classes.section} aria-label={t`Quiet hours`}>
      <h2>
        <Trans>Quiet hours</Trans>
      </h2>
      <Sentence size="text" text={quietWords(value)} />
      <Switch
        size="xs"
        label={t`Keep quiet at certain hours`}
        checked={Boolean(value)}
        disabled={readOnly}
        onChange={(event) => onChange(event.currentTarget.checked ? USUAL_QUIET : null)}
      />
      {value && (
        <>
          <Group grow gap={8} align="start">
            <TextInput
              type="time"
              label={t`From`}
              value={value.from}
              readOnly={readOnly}
              error={error}
              onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
            />
            <TextInput
              type="time"
              label={t`To`}
              value={value.to}
              readOnly={readOnly}
              onChange={(event) => onChange({ ...value, to: event.currentTarget.value })}
            />
          </Group>
          <ZonePicker
            label={t`Whose clock`}
            value={value.timezone}
            readOnly={readOnly}
            onChange={(timezone) => onChange({ ...value, timezone: timezone ?? OWN_ZONE })}
          />
        </>
      )}
    </section>
  );
}

export function EmailLimitSetting({ value, onChange, error, readOnly }: PartProps<EmailLimit>) {
  return (
    <section className={classes.section} aria-label={t`Limit of e-mails`}>
      <h2>
        <Trans>Limit of e-mails</Trans>
      </h2>
      <Sentence size="text" text={limitWords(value)} />
      <Switch
        size="xs"
        label={t`Not too many to one person`}
        checked={Boolean(value)}
        disabled={readOnly}
        onChange={(event) => onChange(event.currentTarget.checked ? USUAL_LIMIT : null)}
      />
      {value && (
        <>
          <NumberInput
            size="xs"
            label={t`At most`}
            suffix={value.count === 1 ? t` e-mail` : t` e-mails`}
            min={1}
            max={1000}
            allowDecimal={false}
            allowNegative={false}
            value={value.count}
            readOnly={readOnly}
            error={error}
            onChange={(count) => {
              if (Number(count) >= 1) onChange({ ...value, count: Number(count) });
            }}
          />
          <DurationField
            label={t`in`}
            value={value.per}
            readOnly={readOnly}
            onChange={(per) => per && onChange({ ...value, per })}
          />
        </>
      )}
    </section>
  );
}

/** Both, as the settings of a flow hold them. */
export function SendingSettings({
  settings,
  change,
  faultOf,
  readOnly,
}: {
  settings: FlowSettings;
  change: (part: Partial<FlowSettings>) => void;
  faultOf: (field: keyof FlowSettings) => string | undefined;
  readOnly: boolean;
}) {
  return (
    <>
      <QuietHoursSetting
        value={settings.quiet_hours}
        onChange={(quiet_hours) => change({ quiet_hours })}
        error={faultOf('quiet_hours')}
        readOnly={readOnly}
      />
      <EmailLimitSetting
        value={settings.email_limit}
        onChange={(email_limit) => change({ email_limit })}
        error={faultOf('email_limit')}
        readOnly={readOnly}
      />
    </>
  );
}
