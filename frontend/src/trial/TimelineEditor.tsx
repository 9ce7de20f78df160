/** What happens to the person who is tried, each thing so long after the start. */
import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { HAPPENING_WORDS, type Happening, type HappeningKind } from '@/model/trial';
import { DurationField } from '@/nodes/fields/DurationField';
import { EventPicker, FieldPicker, SegmentPicker } from '@/nodes/fields/pickers';
import { RowsField } from '@/nodes/fields/RowsField';
import classes from './trial.module.css';

const KINDS = Object.entries(HAPPENING_WORDS).map(([value, label]) => ({ value, label }));

interface TimelineEditorProps {
  value: Happening[];
  onChange: (value: Happening[]) => void;
}

export function TimelineEditor({ value, onChange }: TimelineEditorProps) {
  const change = (id: number, part: Partial<Happening>) =>
    onChange(value.map((each) => (each.id === id ? { ...each, ...part } : each)));
  const add = () =>
    onChange([
      ...value,
      {
        id: Math.max(-1, ...value.map(({ id }) => id)) + 1,
        after: 'PT1H',
        kind: 'event',
        name: '',
        value: '',
        properties: {},
      },
    ]);
  return (
    <>
      {value.length === 0 && <p className={classes.hint}>Nothing: only time goes by.</p>}
      <ol className={classes.timeline}>
        {value.map((each) => (
          <li key={each.id}>
            <div className={classes.head}>
              <Select
                aria-label="What happens"
                data={KINDS}
                value={each.kind}
                allowDeselect={false}
                comboboxProps={{ shadow: 'md' }}
                onChange={(kind) =>
                  change(each.id, {
                    kind: (kind ?? 'event') as HappeningKind,
                    name: '',
                    value: '',
                    properties: {},
                  })
                }
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label="Remove this"
                onClick={() => onChange(value.filter(({ id }) => id !== each.id))}
              >
                <IconX size={14} />
              </ActionIcon>
            </div>
            <What happening={each} onChange={(part) => change(each.id, part)} />
            <DurationField
              label={each.after ? 'after the start' : 'at the start, or after'}
              clearable
              value={each.after}
              onChange={(after) => change(each.id, { after })}
            />
          </li>
        ))}
      </ol>
      <Button
        variant="subtle"
        size="compact-xs"
        w="fit-content"
        leftSection={<IconPlus size={13} />}
        onClick={add}
      >
        Something more
      </Button>
    </>
  );
}

interface WhatProps {
  happening: Happening;
  onChange: (part: Partial<Happening>) => void;
}

/** A number, true and false are what they look like. */
function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && String(Number(text)) === text ? Number(text) : text;
}

function What({ happening, onChange }: WhatProps) {
  const { kind, name, value, properties } = happening;
  if (kind === 'event') {
    return (
      <>
        <EventPicker label="" value={name} onChange={(next) => onChange({ name: next ?? '' })} />
        <RowsField
          label=""
          values={properties}
          onChange={(next) => onChange({ properties: next })}
          nameLabel="Property"
          add="Property"
        />
      </>
    );
  }
  if (kind === 'fields') {
    return (
      <>
        <FieldPicker
          label=""
          value={name || undefined}
          onChange={(next) => onChange({ name: next ?? '' })}
        />
        <TextInput
          aria-label="Value"
          placeholder="Value"
          value={String(value ?? '')}
          onChange={(event) => onChange({ value: typed(event.currentTarget.value) })}
        />
      </>
    );
  }
  if (kind === 'add_to_segment') {
    return (
      <SegmentPicker
        label=""
        value={name || undefined}
        onChange={(next) => onChange({ name: next ?? '' })}
      />
    );
  }
  return null;
}
