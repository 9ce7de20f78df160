/** A form made from a node type's JSON Schema, for types that have no form of their own. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { JsonInput, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Json, JsonObject } from '@/api/types';
import { DurationField } from '../fields/DurationField';
import {
  EventPicker,
  FieldPicker,
  FlowPicker,
  SegmentPicker,
  TopicPicker,
} from '../fields/pickers';
import { RuleField } from '../fields/RuleField';
import { type FormProps, faultAt } from '../kind';

interface Schema {
  type?: string;
  title?: string;
  description?: string;
  format?: string;
  enum?: Json[];
  items?: Schema;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

/** What a property is apart from "or nothing", its reference followed. */
function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '');
  if (name) return resolved({ ...schema, $ref: undefined, ...root.$defs?.[name] }, root);
  const some = schema.anyOf?.filter((each) => each.type !== 'null');
  if (some?.length === 1 && some[0]) {
    return resolved({ ...some[0], title: schema.title, description: schema.description }, root);
  }
  return schema;
}

const words = (key: string): string => {
  const text = key.replaceAll('_', ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

interface InputProps {
  name: string;
  schema: Schema;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  error?: string;
  readOnly: boolean;
}

const PICKERS: Record<string, typeof SegmentPicker> = {
  segment: SegmentPicker,
  flow: FlowPicker,
  topic: TopicPicker,
  field: FieldPicker,
};

function SchemaInput({ name, schema, value, onChange, error, readOnly }: InputProps) {
  const common = {
    label: schema.title ?? words(name),
    description: schema.description,
    error,
    readOnly,
  };
  const text = typeof value === 'string' ? value : undefined;
  const Picker = schema.type === 'string' ? PICKERS[name] : undefined;
  if (Picker) return <Picker {...common} value={text} onChange={onChange} />;
  if (name === 'name' && schema.type === 'string') {
    return <EventPicker {...common} value={text} onChange={onChange} />;
  }
  if (name === 'rule') {
    return <RuleField {...common} value={value as JsonObject | undefined} onChange={onChange} />;
  }
  if (schema.format === 'duration') {
    return <DurationField {...common} value={text} onChange={onChange} />;
  }
  if (schema.enum) {
    return (
      <Select
        {...common}
        data={schema.enum.map(String)}
        value={text ?? null}
        onChange={(next) => onChange(next ?? undefined)}
      />
    );
  }
  switch (schema.type) {
    case 'boolean':
      return (
        <Switch
          size="xs"
          label={common.label}
          description={common.description}
          error={error}
          checked={value === true}
          disabled={readOnly}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'integer':
    case 'number':
      return (
        <NumberInput
          {...common}
          size="xs"
          allowDecimal={schema.type === 'number'}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'string':
      return (
        <TextInput
          {...common}
          value={text ?? ''}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    case 'array':
      if (schema.items?.type === 'string') {
        return (
          <TagsInput
            {...common}
            size="xs"
            value={Array.isArray(value) ? value.map(String) : []}
            onChange={onChange}
          />
        );
      }
      break;
  }
  return <JsonField {...common} value={value} onChange={onChange} />;
}

/** What no other input fits, as JSON text; it is taken once it can be read. */
function JsonField({
  value,
  onChange,
  ...common
}: Omit<InputProps, 'name' | 'schema'> & { label: string; description?: string }) {
  const [text, setText] = useState(() =>
    value === undefined ? '' : JSON.stringify(value, null, 2),
  );
  return (
    <JsonInput
      {...common}
      size="xs"
      autosize
      minRows={3}
      validationError={t`This is not JSON yet.`}
      formatOnBlur
      value={text}
      onChange={(next) => {
        setText(next);
        try {
          onChange(next.trim() === '' ? undefined : (JSON.parse(next) as Json));
        } catch {
          // Half-typed JSON: the field says so, and the config keeps its last value.
        }
      }}
    />
  );
}

export function SchemaForm({
  schema,
  config,
  onChange,
  faults,
  readOnly,
}: FormProps<JsonObject> & { schema: JsonObject }) {
  const root = schema as unknown as Schema;
  const properties = Object.entries(root.properties ?? {});
  if (properties.length === 0)
    return (
      <p>
        <Trans>This step has nothing to fill in.</Trans>
      </p>
    );
  return (
    <>
      {properties.map(([name, property]) => (
        <SchemaInput
          key={name}
          name={name}
          schema={resolved(property, root)}
          value={config[name]}
          error={faultAt(faults, name)}
          readOnly={readOnly}
          onChange={(value) => {
            const { [name]: _, ...rest } = config;
            onChange(value === undefined ? rest : { ...rest, [name]: value });
          }}
        />
      ))}
    </>
  );
}
