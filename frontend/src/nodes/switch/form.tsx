import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { sentence } from '@/ui/format';
import classes from '../fields/fields.module.css';
import { RuleField } from '../fields/RuleField';
import { type FormProps, faultAt } from '../kind';
import type { Case, Config } from './card';

export function Form({ config, onChange, faults, readOnly, graph }: FormProps<Config>) {
  const cases = config.cases ?? [];
  const whole = faults.filter((fault) => fault.field === 'cases');
  const update = (next: Case[]) => onChange({ ...config, cases: next });
  const change = (at: number, part: Partial<Case>) =>
    update(cases.map((each, place) => (place === at ? { ...each, ...part } : each)));
  const fresh = () => {
    const taken = new Set(cases.map((each) => each.branch));
    let count = cases.length + 1;
    while (taken.has(`case ${count}`)) count += 1;
    update([...cases, { branch: `case ${count}`, rule: { type: 'all', rules: [] } }]);
  };

  return (
    <>
      <p className={classes.hint}>
        <Trans>Each person takes the first case that is true, and “else” if none is.</Trans>
      </p>
      {cases.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a case's name is what is being typed
        <div key={at} className={classes.case}>
          <div className={classes.caseHead}>
            <TextInput
              aria-label={t`Name of case ${at + 1}`}
              value={each.branch}
              readOnly={readOnly}
              onChange={(event) => change(at, { branch: event.currentTarget.value })}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Remove ${each.branch}`}
                onClick={() => update(cases.filter((_, place) => place !== at))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </div>
          <RuleField
            label={t`when`}
            value={each.rule}
            onChange={(rule) => change(at, { rule })}
            error={faultAt(faults, `cases.${at}`)}
            readOnly={readOnly}
            graph={graph}
          />
        </div>
      ))}
      {whole.length > 0 && (
        <p className={classes.hint} role="status" data-bad>
          {whole.map((fault) => sentence(fault.detail)).join(' ')}
        </p>
      )}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.more}
          leftSection={<IconPlus size={13} />}
          onClick={fresh}
        >
          <Trans>Case</Trans>
        </Button>
      )}
    </>
  );
}
