/** The editors of an event condition: which event, where, how often or how much, then what. */
import {
  Autocomplete,
  Button,
  Group,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  Stack,
  Switch,
} from '@mantine/core';
import { useState } from 'react';
import { useEventProperties } from '@/api/queries';
import {
  type CompareOperator,
  type EventCondition,
  eventNames,
  type Follow,
  type Measure,
  type PropertyCondition,
} from '@/model/rule';
import { COMPARE } from '@/model/ruleOperators';
import { useBuilder } from './context';
import { DurationInput } from './inputs';
import { PickList } from './PickList';
import { PropertyEditor } from './PropertyEditor';

interface NamePickerProps {
  value: string | string[];
  onChange: (name: string | string[]) => void;
  onDone: () => void;
  activity?: boolean;
}

/** One event, or any of several; a name that nobody has sent yet may be typed. */
export function EventPicker({ value, onChange, onDone, activity }: NamePickerProps) {
  const { events } = useBuilder();
  const [several, setSeveral] = useState(Array.isArray(value));
  const chosen = eventNames(value);
  const pick = (name: string) => {
    if (!several || name === '*') {
      onChange(name);
      onDone();
      return;
    }
    const kept = chosen.filter((each) => each !== '*');
    const next = kept.includes(name) ? kept.filter((each) => each !== name) : [...kept, name];
    onChange(next.length === 1 ? (next[0] ?? '') : next);
  };
  return (
    <Stack gap={8}>
      <SegmentedControl
        aria-label="How many events"
        size="xs"
        fullWidth
        data={[
          { value: 'one', label: 'One event' },
          { value: 'several', label: 'Any of several' },
        ]}
        value={several ? 'several' : 'one'}
        onChange={(mode) => setSeveral(mode === 'several')}
      />
      <PickList
        label="Search events"
        chosen={chosen}
        options={[
          ...(activity ? [{ value: '*', label: 'Any activity', caption: 'every event' }] : []),
          ...events.map((each) => ({
            value: each.name,
            label: each.name,
            caption: each.count?.toLocaleString(),
          })),
        ]}
        own={(typed) => `Use “${typed}”`}
        nothing="No event has come in yet. Type the name it will have."
        onPick={pick}
      />
    </Stack>
  );
}

const MEASURES = [
  { value: 'count', label: 'How often' },
  { value: 'sum', label: 'Total of' },
  { value: 'avg', label: 'Average of' },
  { value: 'min', label: 'Smallest' },
  { value: 'max', label: 'Largest' },
];

function measureFrom(kind: string, property: string): Measure {
  switch (kind) {
    case 'sum':
      return { sum: property };
    case 'avg':
      return { avg: property };
    case 'min':
      return { min: property };
    case 'max':
      return { max: property };
    default:
      return 'count';
  }
}

type EditorProps = { value: EventCondition; onChange: (value: EventCondition) => void };

/** At least once, never, at least five times, a total of at least 500. */
export function MeasureEditor({ value, onChange }: EditorProps) {
  const { data: properties = [] } = useEventProperties(eventNames(value.name)[0] ?? null);
  const measure = value.measure ?? 'count';
  const [kind, property] = measure === 'count' ? ['count', ''] : (Object.entries(measure)[0] ?? []);
  const numbers = properties.filter((each) => each.type === 'number');
  return (
    <Stack gap={8}>
      {kind === 'count' && (
        <Group gap={6} grow>
          <Button
            variant="default"
            data-autofocus
            onClick={() => onChange({ ...value, measure: 'count', op: 'gte', value: 1 })}
          >
            At least once
          </Button>
          <Button
            variant="default"
            onClick={() => onChange({ ...value, measure: 'count', op: 'eq', value: 0 })}
          >
            Never
          </Button>
        </Group>
      )}
      <NativeSelect
        aria-label="What to measure"
        size="xs"
        value={kind}
        data={MEASURES}
        onChange={(event) =>
          onChange({ ...value, measure: measureFrom(event.currentTarget.value, property ?? '') })
        }
      />
      {kind !== 'count' && (
        <Autocomplete
          label="Property"
          placeholder="total"
          size="xs"
          data-autofocus={property ? undefined : true}
          comboboxProps={{ withinPortal: false }}
          data={numbers.map((each) => each.property)}
          value={property}
          onChange={(typed) => onChange({ ...value, measure: measureFrom(kind ?? 'sum', typed) })}
        />
      )}
      <Group gap={6} grow>
        <NativeSelect
          aria-label="Compare"
          size="xs"
          value={value.op ?? 'gte'}
          data={COMPARE.map((each) => ({ value: each.op, label: each.label }))}
          onChange={(event) =>
            onChange({ ...value, op: event.currentTarget.value as CompareOperator })
          }
        />
        <NumberInput
          aria-label={kind === 'count' ? 'Times' : 'Amount'}
          size="xs"
          min={kind === 'count' ? 0 : undefined}
          allowDecimal={kind !== 'count'}
          value={value.value ?? 1}
          onChange={(typed) => onChange({ ...value, value: Number(typed) || 0 })}
        />
      </Group>
    </Stack>
  );
}

/** One `where` of an event condition, at its index. */
export function WhereEditor({
  value,
  onChange,
  index,
  onDone,
}: EditorProps & { index: number; onDone: () => void }) {
  const where = value.where ?? [];
  const condition = where[index];
  if (!condition) return null;
  const set = (next: PropertyCondition[]) => {
    const { where: _, ...rest } = value;
    onChange(next.length ? { ...rest, where: next } : rest);
  };
  return (
    <Stack gap={8}>
      <PropertyEditor
        event={eventNames(value.name)[0] ?? null}
        value={condition}
        onChange={(next) => set(where.map((each, i) => (i === index ? next : each)))}
      />
      <Button
        variant="subtle"
        color="red"
        onClick={() => {
          onDone();
          set(where.filter((_, i) => i !== index));
        }}
      >
        Remove
      </Button>
    </Stack>
  );
}

/** What must come after the event, or must not. */
export function FollowEditor({ value, onChange, onDone }: EditorProps & { onDone: () => void }) {
  const { followed_by: did, not_followed_by: didNot, ...rest } = value;
  const not = Boolean(didNot);
  const follow: Follow = didNot ?? did ?? { name: '' };
  const [picking, setPicking] = useState(eventNames(follow.name).length === 0);
  const set = (next: Follow, negated = not) =>
    onChange(negated ? { ...rest, not_followed_by: next } : { ...rest, followed_by: next });
  const without = ({ within: _, ...kept }: Follow): Follow => kept;
  const where = follow.where ?? [];

  return (
    <Stack gap={8}>
      <SegmentedControl
        aria-label="Followed or not"
        size="xs"
        fullWidth
        data={[
          { value: 'did', label: 'Followed by' },
          { value: 'not', label: 'Not followed by' },
        ]}
        value={not ? 'not' : 'did'}
        onChange={(mode) => set(follow, mode === 'not')}
      />
      {picking ? (
        <EventPicker
          value={follow.name}
          onChange={(name) => set({ ...follow, name })}
          onDone={() => setPicking(false)}
        />
      ) : (
        <Button variant="default" onClick={() => setPicking(true)}>
          {eventNames(follow.name).join(' or ')}
        </Button>
      )}
      <Switch
        size="xs"
        label="Within a time"
        checked={Boolean(follow.within)}
        onChange={(event) =>
          set(event.currentTarget.checked ? { ...follow, within: 'P1D' } : without(follow))
        }
      />
      {follow.within && (
        <DurationInput
          label="Within"
          value={follow.within}
          onChange={(within) => set({ ...follow, within })}
        />
      )}
      {where.map((condition, i) => (
        <PropertyEditor
          // a condition has no name of its own; its place is what it is
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={i}
          event={eventNames(follow.name)[0] ?? null}
          value={condition}
          autoFocus={false}
          onChange={(next) =>
            set({ ...follow, where: where.map((each, at) => (at === i ? next : each)) })
          }
        />
      ))}
      <Group gap={6} justify="space-between">
        <Button
          variant="subtle"
          onClick={() =>
            set({ ...follow, where: [...where, { property: '', op: 'eq', value: '' }] })
          }
        >
          Add where
        </Button>
        <Button
          variant="subtle"
          color="red"
          onClick={() => {
            onDone();
            onChange(rest);
          }}
        >
          Remove
        </Button>
      </Group>
    </Stack>
  );
}
