import { t } from '@lingui/core/macro';
import { Input, NumberInput, Select } from '@mantine/core';
import { seconds } from '@/model/duration';
import classes from '../fields/fields.module.css';
import { LiquidField } from '../fields/LiquidField';
import { RowsField } from '../fields/RowsField';
import { type FormProps, faultAt } from '../kind';
import { type Config, METHODS } from './card';

const WITH_BODY = new Set<string>(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Headers whose values are not for whoever looks over a shoulder. */
const SECRET = /auth|token|key|secret|cookie|password|signature/i;

export function Form({ config, onChange, faults, readOnly, node }: FormProps<Config>) {
  const change = (part: Partial<Config>) => onChange({ ...config, ...part });
  const method = config.method ?? 'POST';
  return (
    <>
      <Input.Wrapper
        label={t`Address`}
        labelElement="div"
        size="xs"
        description={t`Type ${'{{'} to fill in the person’s fields.`}
      >
        <div className={classes.address}>
          <Select
            aria-label={t`Method`}
            data={[...METHODS]}
            value={method}
            allowDeselect={false}
            readOnly={readOnly}
            onChange={(next) => change({ method: METHODS.find((each) => each === next) })}
            error={faultAt(faults, 'method')}
          />
          <LiquidField
            name="Address"
            placeholder="https://api.example.com/leads"
            mono
            value={config.url ?? ''}
            onChange={(url) => change({ url })}
            error={faultAt(faults, 'url')}
            readOnly={readOnly}
          />
        </div>
      </Input.Wrapper>
      <RowsField
        key={node.id}
        label={t`Headers`}
        description={t`Content-Type is application/json unless it is named here.`}
        values={config.headers ?? {}}
        onChange={(headers) => change({ headers: headers as Record<string, string> })}
        nameLabel={t`Header`}
        add={t`Header`}
        texts
        hide={(name) => SECRET.test(name)}
        error={faultAt(faults, 'headers')}
        readOnly={readOnly}
      />
      {(WITH_BODY.has(method) || config.body) && (
        <LiquidField
          label={t`Body`}
          placeholder={t`${'{'}"email": "${'{{'} contact.email ${'}}'}"${'}'}`}
          rows={4}
          mono
          value={config.body ?? ''}
          onChange={(body) => change({ body })}
          error={faultAt(faults, 'body')}
          readOnly={readOnly}
        />
      )}
      <NumberInput
        size="xs"
        label={t`Wait for the answer at most`}
        description={t`Then it counts as failed and is tried again, later each time. After the last try the person goes on by “failed”.`}
        suffix={t` seconds`}
        min={1}
        max={30}
        allowDecimal={false}
        value={seconds(config.timeout) ?? 10}
        onChange={(value) => {
          const whole = Number(value);
          if (value !== '' && whole >= 1 && whole <= 30) change({ timeout: `PT${whole}S` });
        }}
        error={faultAt(faults, 'timeout')}
        readOnly={readOnly}
      />
    </>
  );
}
