/** Builds a segment's name from the parts that the workspace has agreed on. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Autocomplete, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMe } from '@/api/queries';
import { sentence } from '@/ui/format';
import { ownerName, useOwners } from '../owners';
import type { NamePart, Naming } from '../types';
import { useNameBuilt, usualValue } from './convention';
import classes from './naming.module.css';

interface NameBuilderProps {
  naming: Naming;
  /** What the present name says of the parts, as far as that can be told. */
  known: Record<string, string>;
  onName: (name: string) => void;
  onClose: () => void;
}

export function NameBuilder({ naming, known, onName, onClose }: NameBuilderProps) {
  const { data: me } = useMe();
  const [values, setValues] = useState<Record<string, string>>(() => {
    const today = new Date();
    const mine = me ? me.name || me.email : '';
    return Object.fromEntries(
      naming.parts.map((part) => [part.key, known[part.key] ?? usualValue(part, today, mine)]),
    );
  });
  const { data: built, error } = useNameBuilt(values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!built?.name || built.problems.length > 0) return;
    onName(built.name);
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={480}
      title={
        <strong>
          <Trans>Build a name</Trans>
        </strong>
      }
    >
      <form onSubmit={submit}>
        <Stack gap={12}>
          {naming.parts.map((part, i) => (
            <PartInput
              key={part.key}
              part={part}
              focus={i === firstOpen(naming.parts, values)}
              value={values[part.key] ?? ''}
              onChange={(value) => setValues((before) => ({ ...before, [part.key]: value }))}
            />
          ))}
          <div className={classes.result} aria-live="polite">
            <span>
              <Trans>The name</Trans>
            </span>
            <strong>{built?.name || '…'}</strong>
            {error && <p className={classes.problem}>{error.message}</p>}
            {built && built.problems.length > 0 && (
              <p className={classes.problem}>{built.problems.map(sentence).join(' ')}</p>
            )}
          </div>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" disabled={!built?.name || built.problems.length > 0}>
              <Trans>Use this name</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The first part that still wants a value: writing begins there. */
function firstOpen(parts: readonly NamePart[], values: Record<string, string>): number {
  const open = parts.findIndex((part) => part.required && !values[part.key]);
  return open < 0 ? 0 : open;
}

interface PartInputProps {
  part: NamePart;
  value: string;
  focus: boolean;
  onChange: (value: string) => void;
}

function PartInput({ part, value, focus, onChange }: PartInputProps) {
  const owners = useOwners();
  const shared = {
    size: 'xs' as const,
    label: part.label,
    withAsterisk: part.required,
    'data-autofocus': focus || undefined,
  };
  if (part.kind === 'choice') {
    return (
      <Select
        {...shared}
        searchable
        clearable={!part.required}
        placeholder={t`Choose`}
        data={part.choices}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  }
  if (part.kind === 'owner') {
    return (
      <Autocomplete {...shared} data={owners.map(ownerName)} value={value} onChange={onChange} />
    );
  }
  return (
    <TextInput
      {...shared}
      placeholder={part.kind === 'date' ? part.format : undefined}
      maxLength={100}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
