import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import classes from '../fields/fields.module.css';
import { type FormProps, faultAt } from '../kind';
import type { Config, Share } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const shares = config.branches ?? [];
  const sum = shares.reduce((total, share) => total + share.weight, 0);
  const fault = faultAt(faults, 'branches');
  const update = (branches: Share[]) => onChange({ ...config, branches });
  const change = (at: number, part: Partial<Share>) =>
    update(shares.map((share, place) => (place === at ? { ...share, ...part } : share)));
  const fresh = () => {
    const name = 'abcdefghijklmnopqrstuvwxyz'
      .split('')
      .find((letter) => !shares.some((share) => share.branch === letter));
    update([
      ...shares,
      { branch: name ?? `branch ${shares.length + 1}`, weight: Math.max(0, 100 - sum) },
    ]);
  };

  return (
    <>
      <div className={classes.rows}>
        {shares.map((share, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a branch's name is what is being typed
          <div key={at} className={classes.weight}>
            <TextInput
              aria-label={t`Name of branch ${at + 1}`}
              value={share.branch}
              readOnly={readOnly}
              onChange={(event) => change(at, { branch: event.currentTarget.value })}
            />
            <NumberInput
              size="xs"
              aria-label={t`Share of ${share.branch}`}
              value={share.weight}
              min={0}
              max={100}
              suffix=" %"
              readOnly={readOnly}
              onChange={(weight) => change(at, { weight: Number(weight) || 0 })}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Remove ${share.branch}`}
                onClick={() => update(shares.filter((_, place) => place !== at))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </div>
        ))}
      </div>
      <p className={classes.hint} role="status" data-bad={fault || sum !== 100 ? true : undefined}>
        {fault ??
          (sum === 100
            ? t`The shares add up to 100 %.`
            : t`The shares add up to ${sum} %, not 100 %.`)}
      </p>
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.more}
          leftSection={<IconPlus size={13} />}
          onClick={fresh}
        >
          <Trans>Branch</Trans>
        </Button>
      )}
    </>
  );
}
