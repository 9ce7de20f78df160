/** One happening: what it is, and how long after the start. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { Graph } from '@/api/types';
import { useTitleIn } from '@/canvas/useTitles';
import { HAPPENING_WORDS, type Happening, type HappeningKind, MAIL_WORDS } from '@/model/trial';
import { DurationField } from '@/nodes/fields/DurationField';
import { EventPicker, FieldPicker, SegmentPicker, TopicPicker } from '@/nodes/fields/pickers';
import { RowsField } from '@/nodes/fields/RowsField';
import classes from './trial.module.css';

const KINDS = Object.entries(HAPPENING_WORDS).map(([value, label]) => ({ value, label }));
const MAILS = Object.entries(MAIL_WORDS).map(([value, label]) => ({ value, label }));
const CHOICES = [
  { value: 'subscribed', label: t`subscribes` },
  { value: 'unsubscribed', label: t`unsubscribes` },
];
const ANSWERS = [
  { value: 'next', label: t`it succeeds` },
  { value: 'failed', label: t`it fails` },
  { value: '404', label: t`answered with 404` },
  { value: '429', label: t`answered with 429` },
  { value: '500', label: t`answered with 500` },
  { value: '503', label: t`answered with 503` },
];
const CALLING = new Set(['webhook', 'slack']);
const FRESH: Partial<Record<HappeningKind, Pick<Happening, 'name' | 'value'>>> = {
  score: { name: '', value: 10 },
  consent: { name: '', value: 'subscribed' },
  mail: { name: 'opened', value: '' },
  answer: { name: '', value: 'failed' },
};

interface HappeningFormProps {
  graph: Graph;
  happening: Happening;
  onChange: (part: Partial<Happening>) => void;
  onRemove: () => void;
}

export function HappeningForm({ graph, happening, onChange, onRemove }: HappeningFormProps) {
  const { after, kind } = happening;
  return (
    <div className={classes.form}>
      <Select
        label={t`What happens`}
        data={KINDS}
        value={kind}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md', withinPortal: false }}
        maxDropdownHeight={240}
        onChange={(next) => {
          const to = (next ?? 'event') as HappeningKind;
          onChange({ name: '', value: '', ...FRESH[to], kind: to, properties: {} });
        }}
      />
      <What key={kind} graph={graph} happening={happening} onChange={onChange} />
      <DurationField
        label={after ? t`After the start` : t`At the start, or after`}
        clearable
        value={after}
        onChange={(next) => onChange({ after: next })}
      />
      <Group justify="flex-end">
        <Button
          variant="subtle"
          color="red"
          size="compact-xs"
          leftSection={<IconTrash size={13} />}
          onClick={onRemove}
        >
          <Trans>Remove</Trans>
        </Button>
      </Group>
    </div>
  );
}

type WhatProps = Pick<HappeningFormProps, 'graph' | 'happening' | 'onChange'>;

/** A number, true and false are what they look like. */
function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && String(Number(text)) === text ? Number(text) : text;
}

function What({ graph, happening, onChange }: WhatProps) {
  const { kind, name, value, properties } = happening;
  const named = {
    value: name || undefined,
    onChange: (next?: string) => onChange({ name: next ?? '' }),
  };
  switch (kind) {
    case 'event':
      return (
        <>
          <EventPicker label={t`Event`} {...named} />
          <RowsField
            label={t`Properties`}
            values={properties}
            onChange={(next) => onChange({ properties: next })}
            nameLabel={t`Property`}
            add={t`Property`}
          />
        </>
      );
    case 'fields':
      return (
        <>
          <FieldPicker {...named} />
          <TextInput
            label={t`Value`}
            value={typeof value === 'string' ? value : JSON.stringify(value)}
            onChange={(event) => onChange({ value: typed(event.currentTarget.value) })}
          />
        </>
      );
    case 'score':
      return (
        <NumberInput
          label={t`Points, or less with a minus`}
          size="xs"
          value={Number(value) || 0}
          onChange={(next) => onChange({ value: Number(next) || 0 })}
        />
      );
    case 'consent':
      return (
        <>
          <TopicPicker needed {...named} />
          <Select
            label={t`Choice`}
            data={CHOICES}
            value={String(value || 'subscribed')}
            allowDeselect={false}
            comboboxProps={{ shadow: 'md' }}
            onChange={(next) => onChange({ value: next ?? 'subscribed' })}
          />
        </>
      );
    case 'add_to_segment':
    case 'remove_from_segment':
      return <SegmentPicker {...named} />;
    case 'mail':
    case 'answer':
      return <WithStep graph={graph} happening={happening} onChange={onChange} />;
    default:
      return null;
  }
}

/** What is done with the e-mail of a step, or how the calls of a step end. */
function WithStep({ graph, happening, onChange }: WhatProps) {
  const { kind, name, value } = happening;
  const title = useTitleIn(graph);
  const steps = graph.nodes
    .filter(({ type }) => (kind === 'mail' ? type === 'send_email' : CALLING.has(type)))
    .map(({ id }) => ({ value: id, label: title(id) }));
  if (kind === 'mail') {
    return (
      <>
        <Select
          label={t`What`}
          data={MAILS}
          value={name}
          allowDeselect={false}
          comboboxProps={{ shadow: 'md' }}
          onChange={(next) => onChange({ name: next ?? 'opened' })}
        />
        <Select
          label={t`Which e-mail`}
          placeholder={t`the latest`}
          data={steps}
          value={typeof value === 'string' && value ? value : null}
          clearable
          clearButtonProps={{ 'aria-label': t`The latest e-mail` }}
          comboboxProps={{ shadow: 'md' }}
          onChange={(next) => onChange({ value: next ?? '' })}
        />
      </>
    );
  }
  if (steps.length === 0) {
    return (
      <p className={classes.hint}>
        <Trans>No step of this flow calls another system.</Trans>
      </p>
    );
  }
  return (
    <>
      <Select
        label={t`Call of`}
        placeholder={t`Choose a step`}
        data={steps}
        value={name || null}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md' }}
        onChange={(next) => onChange({ name: next ?? '' })}
      />
      <Select
        label={t`How it ends`}
        data={ANSWERS}
        value={String(value || 'failed')}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md' }}
        onChange={(next) => onChange({ value: typed(next ?? 'failed') })}
      />
    </>
  );
}
