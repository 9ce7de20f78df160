/** Which editor a part of a condition opens, by the condition's type and the part's slot. */
import { t } from '@lingui/core/macro';
import { NativeSelect, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type {
  CompareOperator,
  Condition,
  ConsentCondition,
  EventCondition,
  FieldCondition,
  FieldType,
  FlowCondition,
  FlowEmailCondition,
  ScoreChangeCondition,
  TriggerCondition,
  Window,
} from '@/model/rule';
import {
  COMPARE,
  impliedType,
  OPERATORS,
  operatorWords,
  withOperator,
  withType,
} from '@/model/ruleOperators';
import type { Slot } from '@/model/ruleSentence';
import { MAIL_WORDS } from '@/model/ruleWords';
import { DurationInput } from '@/ui/DurationInput';
import { useBuilder } from './context';
import { EventPicker, FollowEditor, MeasureEditor, WhereEditor } from './EventEditors';
import { USUAL_SPANS, ValueInput } from './inputs';
import { PickList } from './PickList';
import { PropertyEditor } from './PropertyEditor';
import { WindowEditor } from './WindowEditor';

interface EditorProps<Kind> {
  value: Kind;
  onChange: (value: Condition) => void;
  slot: Slot;
  /** Closes the popover, or goes on to the editor of another slot. */
  done: (next?: Slot) => void;
}

export function ConditionEditor({ value, ...rest }: EditorProps<Condition>): ReactNode {
  switch (value.type) {
    case 'field':
      return <FieldEditor value={value} {...rest} />;
    case 'event':
      return <EventEditor value={value} {...rest} />;
    case 'segment':
    case 'consent':
    case 'flow':
    case 'flow_email':
      return <NamedEditor value={value} {...rest} />;
    case 'trigger':
      return <TriggerEditor value={value} {...rest} />;
    case 'sample':
      return rest.slot === 'subject' ? (
        <TextInput
          label={t`Name of the sample`}
          description={t`The same name always gives the same people.`}
          data-autofocus
          value={value.salt}
          onChange={(event) => rest.onChange({ ...value, salt: event.currentTarget.value })}
        />
      ) : (
        <NumberInput
          label={t`Share of all people`}
          suffix=" %"
          size="xs"
          min={1}
          max={100}
          data-autofocus
          value={value.percent}
          onChange={(typed) => rest.onChange({ ...value, percent: Number(typed) || 0 })}
        />
      );
    case 'score_change':
      return <ScoreEditor value={value} {...rest} />;
    default:
      return null;
  }
}

function FieldEditor({ value, onChange, slot, done }: EditorProps<FieldCondition>) {
  const { names } = useBuilder();
  const known = names.fields.find((field) => field.key === value.field)?.type;
  const type: FieldType = known ?? impliedType(value);
  if (slot === 'subject') {
    return (
      <PickList
        label={t`Search fields`}
        chosen={[value.field]}
        nothing={t`No field is known yet.`}
        options={names.fields.map((field) => ({
          value: field.key,
          label: field.name,
          caption: field.type,
        }))}
        onPick={(key) => {
          const picked = names.fields.find((field) => field.key === key)?.type ?? 'string';
          const next = withType({ ...value, field: key }, picked);
          onChange(next);
          done(operatorWords(picked, next.op).shape === 'none' ? undefined : 'value');
        }}
      />
    );
  }
  if (slot === 'operator') {
    return (
      <PickList
        label={t`How to compare`}
        chosen={[value.op]}
        options={OPERATORS[type].map((each) => ({
          value: each.op,
          label: each.suffix ? `${each.label} … ${each.suffix}` : each.label,
        }))}
        onPick={(op) => {
          const picked = OPERATORS[type].find((each) => each.op === op);
          if (!picked) return;
          onChange(withOperator(value, type, picked.op));
          done(picked.shape === 'none' ? undefined : 'value');
        }}
      />
    );
  }
  if (slot === 'for') {
    const { for: held, ...rest } = value;
    return (
      <Stack gap={8}>
        <Switch
          size="xs"
          label={t`Only if it has been so for a time`}
          checked={Boolean(held)}
          onChange={(event) =>
            onChange(event.currentTarget.checked ? { ...rest, for: 'P14D' } : rest)
          }
        />
        {held && (
          <DurationInput
            label={t`For at least`}
            value={held}
            usual={USUAL_SPANS}
            onChange={(next) => onChange({ ...value, for: next })}
          />
        )}
      </Stack>
    );
  }
  return (
    <ValueInput
      shape={operatorWords(type, value.op).shape}
      value={value.value}
      source={{ field: value.field }}
      onChange={(next) => onChange({ ...value, value: next })}
    />
  );
}

function EventEditor({ value, onChange, slot, done }: EditorProps<EventCondition>) {
  const { inFlow } = useBuilder();
  const close = () => done();
  if (slot === 'subject') {
    return (
      <EventPicker
        value={value.name}
        activity
        onChange={(name) => onChange({ ...value, name })}
        onDone={close}
      />
    );
  }
  if (slot === 'measure') return <MeasureEditor value={value} onChange={onChange} />;
  if (slot === 'follow') return <FollowEditor value={value} onChange={onChange} onDone={close} />;
  if (slot === 'window') {
    return <WindowOf value={value} onChange={onChange} inFlow={inFlow} />;
  }
  const index = Number(slot.split('.')[1]);
  return <WhereEditor value={value} onChange={onChange} index={index} onDone={close} />;
}

type Windowed = EventCondition | ScoreChangeCondition | FlowCondition;

function WindowOf({
  value,
  onChange,
  inFlow,
}: {
  value: Windowed;
  onChange: (value: Condition) => void;
  inFlow: boolean;
}) {
  const set = (window: Window | undefined) => {
    const { window: _, ...rest } = value;
    onChange(window ? { ...rest, window } : rest);
  };
  return <WindowEditor value={value.window} onChange={set} inFlow={inFlow} />;
}

function ScoreEditor({ value, onChange, slot }: EditorProps<ScoreChangeCondition>) {
  const { inFlow } = useBuilder();
  if (slot === 'window') return <WindowOf value={value} onChange={onChange} inFlow={inFlow} />;
  return (
    <Stack gap={8}>
      <NativeSelect
        aria-label={t`Compare`}
        size="xs"
        value={value.op}
        data={COMPARE.map((each) => ({ value: each.op, label: each.label }))}
        onChange={(event) =>
          onChange({ ...value, op: event.currentTarget.value as CompareOperator })
        }
      />
      <NumberInput
        label={t`Points`}
        description={t`Below zero: it fell.`}
        size="xs"
        data-autofocus
        value={value.value}
        onChange={(typed) => {
          if (typed !== '' && typed !== '-') onChange({ ...value, value: Number(typed) });
        }}
      />
    </Stack>
  );
}

function TriggerEditor({ value, onChange, slot, done }: EditorProps<TriggerCondition>) {
  const { triggerEvents } = useBuilder();
  if (slot === 'operator') {
    const type = impliedType(value);
    return (
      <PickList
        label={t`How to compare`}
        chosen={[value.op]}
        options={OPERATORS[type].map((each) => ({ value: each.op, label: each.label }))}
        onPick={(op) => {
          const picked = OPERATORS[type].find((each) => each.op === op);
          if (picked) onChange(withOperator(value, type, picked.op));
          done('value');
        }}
      />
    );
  }
  return <PropertyEditor events={triggerEvents} value={value} onChange={onChange} />;
}

type Named =
  | Extract<Condition, { type: 'segment' }>
  | ConsentCondition
  | FlowCondition
  | FlowEmailCondition;

const WAYS: Record<Named['type'], readonly { value: string; label: string }[]> = {
  segment: [
    { value: 'in', label: t`in segment` },
    { value: 'not_in', label: t`not in segment` },
  ],
  consent: [
    { value: 'subscribed', label: t`subscribed to` },
    { value: 'unsubscribed', label: t`unsubscribed from` },
    { value: 'unknown', label: t`not chosen about` },
  ],
  flow: [
    { value: 'inside', label: t`inside now` },
    { value: 'entered', label: t`ever entered` },
    { value: 'completed', label: t`completed` },
    { value: 'converted', label: t`converted` },
    { value: 'exited', label: t`exited` },
  ],
  flow_email: Object.entries(MAIL_WORDS).map(([value, label]) => ({ value, label })),
};

/** Conditions that are a name and a way of relating to it. */
function NamedEditor({ value, onChange, slot, done }: EditorProps<Named>) {
  const { names, inFlow } = useBuilder();
  if (slot === 'window' && value.type === 'flow') {
    return <WindowOf value={value} onChange={onChange} inFlow={inFlow} />;
  }
  if (slot === 'operator') {
    return (
      <PickList
        label={t`How`}
        chosen={[value.op]}
        options={WAYS[value.type]}
        onPick={(op) => {
          // the list offers only this type's own operators
          onChange({ ...value, op } as Named);
          done();
        }}
      />
    );
  }
  const { list, key, what } = {
    segment: { list: names.segments, key: 'segment', what: 'segments' },
    consent: { list: names.topics, key: 'topic', what: 'topics' },
    flow: { list: names.flows, key: 'flow', what: 'flows' },
    flow_email: { list: names.mails ?? [], key: 'node', what: t`e-mails of this flow` },
  }[value.type];
  return (
    <PickList
      label={t`Search ${what}`}
      chosen={[String((value as Record<string, unknown>)[key])]}
      nothing={t`There are no ${what} yet.`}
      options={list.map((each) => ({ value: each.key, label: each.name }))}
      onPick={(picked) => {
        onChange({ ...value, [key]: picked });
        done();
      }}
    />
  );
}
