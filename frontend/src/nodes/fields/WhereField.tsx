/** Conditions on an event's properties: all must hold. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Autocomplete, Button, Input, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useEventProperties } from '@/api/queries';
import type { FieldType, Json, JsonObject } from '@/api/types';
import classes from './fields.module.css';

type Where = { property: string; op: string; value?: Json };

const NUMBER_OPS = [
  ['gte', t`is at least`],
  ['gt', t`is more than`],
  ['lte', t`is at most`],
  ['lt', t`is less than`],
  ['eq', t({ message: 'is', context: 'before a value' })],
  ['ne', t`is not`],
];
const TEXT_OPS = [
  ['eq', t({ message: 'is', context: 'before a value' })],
  ['ne', t`is not`],
  ['contains', t`contains`],
  ['not_contains', t`does not contain`],
  ['starts_with', t`starts with`],
  ['set', t`is known`],
  ['not_set', t`is not known`],
];
const NUMERIC = new Set(['gt', 'gte', 'lt', 'lte']);
const BARE = new Set(['set', 'not_set']);

function operators(type: FieldType | undefined): { value: string; label: string }[] {
  const rows =
    type === 'number'
      ? [...NUMBER_OPS, ...TEXT_OPS.slice(-2)]
      : type === undefined
        ? [...NUMBER_OPS.slice(0, 4), ...TEXT_OPS]
        : TEXT_OPS;
  return rows.map(([value, label]) => ({ value: value ?? '', label: label ?? '' }));
}

function typed(text: string, op: string, type: FieldType | undefined): Json {
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  if ((NUMERIC.has(op) || type === 'number') && isNumber) return Number(text);
  if (type === 'boolean') return text === 'true';
  return text;
}

export interface WhereFieldProps {
  event: string | undefined;
  value: JsonObject[] | undefined;
  onChange: (value: JsonObject[] | undefined) => void;
  error?: string;
  readOnly?: boolean;
}

export function WhereField({ event, value, onChange, error, readOnly = false }: WhereFieldProps) {
  const { data: properties = [] } = useEventProperties(event ?? null);
  const rows = (value ?? []) as unknown as Where[];
  const typeOf = (name: string) => properties.find((each) => each.property === name)?.type;
  const update = (next: Where[]) =>
    onChange(next.length > 0 ? (next as unknown as JsonObject[]) : undefined);
  const change = (index: number, part: Partial<Where>) =>
    update(rows.map((row, at) => (at === index ? tidy({ ...row, ...part }) : row)));
  const tidy = (row: Where): Where => {
    if (BARE.has(row.op)) return { property: row.property, op: row.op };
    return { ...row, value: typed(String(row.value ?? ''), row.op, typeOf(row.property)) };
  };

  return (
    <Input.Wrapper
      label={t`Only if`}
      description={rows.length === 0 ? t`Every event of this name counts.` : undefined}
      error={error}
      size="xs"
    >
      <div className={classes.rows}>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name and do not move
          <div key={index} className={classes.where}>
            <Autocomplete
              size="xs"
              aria-label={t`Property`}
              placeholder={t`Property`}
              data={properties.map((each) => each.property)}
              value={row.property}
              readOnly={readOnly}
              onChange={(property) => change(index, { property })}
            />
            <div>
              <Select
                aria-label={t`Comparison`}
                data={operators(typeOf(row.property))}
                value={row.op}
                allowDeselect={false}
                readOnly={readOnly}
                onChange={(op) => change(index, { op: op ?? 'eq' })}
              />
            </div>
            {!BARE.has(row.op) && (
              <TextInput
                aria-label={t`Value`}
                placeholder={t`Value`}
                value={String(row.value ?? '')}
                readOnly={readOnly}
                onChange={(change_) => change(index, { value: change_.currentTarget.value })}
              />
            )}
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Remove this condition`}
                onClick={() => update(rows.filter((_, at) => at !== index))}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </div>
        ))}
      </div>
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => update([...rows, { property: '', op: 'eq', value: '' }])}
        >
          <Trans>Property condition</Trans>
        </Button>
      )}
    </Input.Wrapper>
  );
}
