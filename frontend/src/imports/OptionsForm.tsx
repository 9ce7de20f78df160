/** By what rows are recognised, what becomes of known contacts, and the segment they join. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, Radio, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { post } from '@/api/client';
import { useSegments } from '@/api/queries';
import type { SegmentRow } from '@/api/types';
import { toastError } from '@/ui/toast';
import classes from './Imports.module.css';
import type { Existing, MatchKey, Options, Problem } from './types';

interface OptionsFormProps {
  value: Options;
  onChange: (value: Options) => void;
  problems: readonly Problem[];
}

const EXISTING: { value: Existing; label: string; description: string }[] = [
  {
    value: 'update',
    label: t`Update them`,
    description: t`What the file says replaces what is known.`,
  },
  {
    value: 'fill_empty',
    label: t`Fill what is empty`,
    description: t`Fields that have a value keep it.`,
  },
  {
    value: 'skip',
    label: t`Leave them as they are`,
    description: t`Only people who are not known yet are added.`,
  },
];

export function OptionsForm({ value, onChange, problems }: OptionsFormProps) {
  const at = (code: string) => problems.find((each) => each.code === code)?.detail;
  return (
    <Stack gap={26} className={classes.options}>
      <Radio.Group
        label={t`Rows are recognised by`}
        description={t`Rows that have the same are one person; so is a contact that has it already.`}
        value={value.key}
        error={at('no_key')}
        onChange={(key) => onChange({ ...value, key: key as MatchKey })}
      >
        <Group gap={24} mt={8}>
          <Radio value="email" label={t`E-mail address`} />
          <Radio value="external_id" label={t`External id (your own)`} />
        </Group>
      </Radio.Group>
      <Radio.Group
        label={t`People who are known already`}
        value={value.existing}
        onChange={(existing) => onChange({ ...value, existing: existing as Existing })}
      >
        <Stack gap={10} mt={8}>
          {EXISTING.map((each) => (
            <Radio key={each.value} {...each} />
          ))}
        </Stack>
      </Radio.Group>
      <Switch
        label={t`An empty cell erases the field`}
        description={t`Else it changes nothing. A row that is too short erases nothing.`}
        checked={value.empty === 'erase' && value.existing === 'update'}
        disabled={value.existing !== 'update'}
        onChange={(event) =>
          onChange({ ...value, empty: event.currentTarget.checked ? 'erase' : 'leave' })
        }
      />
      <SegmentChoice
        value={value.segment}
        error={at('segment')}
        onChange={(segment) => onChange({ ...value, segment })}
      />
    </Stack>
  );
}

interface SegmentChoiceProps {
  value: string | null;
  error: string | undefined;
  onChange: (key: string | null) => void;
}

function SegmentChoice({ value, error, onChange }: SegmentChoiceProps) {
  const client = useQueryClient();
  const { data: segments = [] } = useSegments();
  const [name, setName] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: (named: string) =>
      post<SegmentRow>('/api/segments/', { name: named, kind: 'static', rule: null }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['segments'] });
      onChange(made.key);
      setName(null);
    },
    onError: (cause) => toastError(cause, t`The segment was not made`),
  });
  const make = () => {
    if (name?.trim()) create.mutate(name.trim());
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      make();
    }
  };
  return (
    <div>
      <Group align="flex-end" gap={8}>
        <Select
          label={t`Everybody in the file joins a segment`}
          description={t`A static or a growing one; a dynamic one holds only those whom its rule chooses.`}
          placeholder={t`None`}
          data={segments
            .filter((each) => each.kind !== 'dynamic')
            .map((each) => ({ value: each.key, label: each.name }))}
          value={value}
          error={error}
          onChange={onChange}
          searchable
          clearable
          nothingFoundMessage={t`No static or growing segment of that name`}
          w={420}
        />
        {name === null && (
          <Button variant="default" onClick={() => setName('')}>
            <Trans>New segment</Trans>
          </Button>
        )}
      </Group>
      {name !== null && (
        <Group align="flex-end" gap={8} mt={12}>
          <TextInput
            label={t`Name of the new static segment`}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={press}
            autoFocus
            w={420}
          />
          <Button disabled={!name.trim()} loading={create.isPending} onClick={make}>
            <Trans>Create</Trans>
          </Button>
          <Button variant="default" onClick={() => setName(null)}>
            <Trans>Cancel</Trans>
          </Button>
        </Group>
      )}
    </div>
  );
}
