/** Rows of a name and a value, as `update_fields` and `record_event` have them. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Button, Input, PasswordInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { Json } from '@/api/types';
import classes from './fields.module.css';
import { LiquidField } from './LiquidField';

type Values = Record<string, Json>;
interface Row {
  id: number;
  name: string;
  text: string;
}

export interface RowsFieldProps {
  label: string;
  description?: string;
  values: Values;
  onChange: (values: Values) => void;
  /** The input for a row's name; a plain text if not given. */
  nameInput?: (name: string, change: (name: string) => void) => ReactNode;
  nameLabel: string;
  valuePlaceholder?: string;
  add: string;
  /** Every value is text, also one that looks like a number. */
  texts?: boolean;
  /** True where a row's value is a secret: it is shown only when asked for. */
  hide?: (name: string) => boolean;
  error?: string;
  readOnly?: boolean;
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Numbers, true and false are what they look like; everything else is text. */
function typedValue(text: string): Json {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return text;
}

export function RowsField({
  label,
  description,
  values,
  onChange,
  nameInput,
  nameLabel,
  valuePlaceholder = t`Value`,
  add,
  texts = false,
  hide,
  error,
  readOnly = false,
}: RowsFieldProps) {
  // Rows are kept here while they are typed: two rows may share an unfinished name.
  const [rows, setRows] = useState<Row[]>(() =>
    Object.entries(values).map(([name, value], id) => ({ id, name, text: textOf(value) })),
  );
  const update = (next: Row[]) => {
    setRows(next);
    onChange(
      Object.fromEntries(
        next
          .filter((row) => row.name)
          .map((row) => [row.name, texts ? row.text : typedValue(row.text)]),
      ),
    );
  };
  const change = (id: number, part: Partial<Row>) =>
    update(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const fresh = () =>
    setRows([...rows, { id: Math.max(-1, ...rows.map((row) => row.id)) + 1, name: '', text: '' }]);

  return (
    <Input.Wrapper label={label} description={description} error={error} size="xs">
      <div className={classes.rows}>
        {rows.map((row) => (
          <div key={row.id} className={classes.row}>
            {nameInput ? (
              nameInput(row.name, (name) => change(row.id, { name }))
            ) : (
              <TextInput
                aria-label={nameLabel}
                placeholder={nameLabel}
                value={row.name}
                readOnly={readOnly}
                onChange={(event) => change(row.id, { name: event.currentTarget.value })}
              />
            )}
            <Value
              hidden={hide?.(row.name) ?? false}
              label={t`Value of ${row.name || t`the new row`}`}
              placeholder={valuePlaceholder}
              text={row.text}
              readOnly={readOnly}
              onChange={(text) => change(row.id, { text })}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Remove ${row.name || 'row'}`}
                onClick={() => update(rows.filter((each) => each.id !== row.id))}
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
          onClick={fresh}
        >
          {add}
        </Button>
      )}
    </Input.Wrapper>
  );
}

interface ValueProps {
  hidden: boolean;
  label: string;
  placeholder: string;
  text: string;
  readOnly: boolean;
  onChange: (text: string) => void;
}

function Value({ hidden, label, placeholder, text, readOnly, onChange }: ValueProps) {
  if (!hidden) {
    return (
      <LiquidField
        name={label}
        placeholder={placeholder}
        value={text}
        readOnly={readOnly}
        onChange={onChange}
      />
    );
  }
  return (
    <PasswordInput
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      autoComplete="off"
      value={text}
      readOnly={readOnly}
      visibilityToggleButtonProps={{ 'aria-label': t`Show or hide this value` }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
