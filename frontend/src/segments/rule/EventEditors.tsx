/** The editors of an event condition: which event, where, how often or how much, then what. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
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
import { usePropertiesOfEvents } from '@/api/queries';
import {
  type CompareOperator,
  type EventCondition,
  eventNames,
  type Follow,
  type Measure,
  type PropertyCondition,
} from '@/model/rule';
import { COMPARE } from '@/model/ruleOperators';
import { DurationInput } from '@/ui/DurationInput';
import { useBuilder } from './context';
import { USUAL_SPANS } from './inputs';
import { PickList } from './PickList';
import { PropertyEditor } from './PropertyEditor';
import classes from './rule.module.css';

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
        aria-label={t`How many events`}
        size="xs"
        fullWidth
        data={[
          { value: 'one', label: t`One event` },
          { value: 'several', label: t`Any of several` },
        ]}
        value={several ? 'several' : 'one'}
        onChange={(mode) => setSeveral(mode === 'several')}
      />
      <PickList
        label={t`Search events`}
        chosen={chosen}
        options={[
          ...(activity ? [{ value: '*', label: t`Any activity`, caption: t`every event` }] : []),
          ...events.map((each) => ({
            value: each.name,
            label: each.name,
            caption: each.count?.toLocaleString(),
          })),
        ]}
        own={(typed) => t`Use “${typed}”`}
        nothing={t`No event has come in yet. Type the name it will have.`}
        onPick={pick}
      />
    </Stack>
  );
}

const MEASURES = [
  { value: 'count', label: t`How often` },
  { value: 'sum', label: t`Total of` },
  { value: 'avg', label: t`Average of` },
  { value: 'min', label: t`Smallest` },
  { value: 'max', label: t`Largest` },
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
  const properties = usePropertiesOfEvents(eventNames(value.name).filter((name) => name !== '*'));
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
            <Trans>At least once</Trans>
          </Button>
          <Button
            variant="default"
            onClick={() => onChange({ ...value, measure: 'count', op: 'eq', value: 0 })}
          >
            <Trans>Never</Trans>
          </Button>
        </Group>
      )}
      <NativeSelect
        aria-label={t`What to measure`}
        size="xs"
        value={kind}
        data={MEASURES}
        onChange={(event) =>
          onChange({ ...value, measure: measureFrom(event.currentTarget.value, property ?? '') })
        }
      />
      {kind !== 'count' && (
        <Autocomplete
          label={t`Property`}
          placeholder={t`total`}
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
          aria-label={t`Compare`}
          size="xs"
          value={value.op ?? 'gte'}
          data={COMPARE.map((each) => ({ value: each.op, label: each.label }))}
          onChange={(event) =>
            onChange({ ...value, op: event.currentTarget.value as CompareOperator })
          }
        />
        <NumberInput
          aria-label={kind === 'count' ? t`Times` : t`Amount`}
          size="xs"
          min={kind === 'count' ? 0 : undefined}
          allowDecimal={kind !== 'count'}
          value={value.value ?? 1}
          onChange={(typed) => {
            if (typed !== '' && typed !== '-') onChange({ ...value, value: Number(typed) });
          }}
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
        events={eventNames(value.name)}
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
        <Trans>Remove</Trans>
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
  const setWhere = (next: PropertyCondition[]) => {
    const { where: _, ...kept } = follow;
    set(next.length > 0 ? { ...kept, where: next } : kept);
  };

  return (
    <Stack gap={8}>
      <SegmentedControl
        aria-label={t`Followed or not`}
        size="xs"
        fullWidth
        data={[
          { value: 'did', label: t`Followed by` },
          { value: 'not', label: t`Not followed by` },
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
        label={t`Within a time`}
        checked={Boolean(follow.within)}
        onChange={(event) =>
          set(event.currentTarget.checked ? { ...follow, within: 'P1D' } : without(follow))
        }
      />
      {follow.within && (
        <DurationInput
          label={t`Within`}
          value={follow.within}
          usual={USUAL_SPANS}
          onChange={(within) => set({ ...follow, within })}
        />
      )}
      {where.map((condition, i) => (
        <fieldset
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition's place is its name
          key={i}
          className={classes.where}
          aria-label={t`Where, ${i + 1}`}
        >
          <PropertyEditor
            events={eventNames(follow.name)}
            value={condition}
            autoFocus={false}
            onChange={(next) => setWhere(where.map((each, at) => (at === i ? next : each)))}
          />
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => setWhere(where.filter((_, at) => at !== i))}
          >
            <Trans>Without this</Trans>
          </Button>
        </fieldset>
      ))}
      <Group gap={6} justify="space-between">
        <Button
          variant="subtle"
          onClick={() => setWhere([...where, { property: '', op: 'eq', value: '' }])}
        >
          <Trans>Add where</Trans>
        </Button>
        <Button
          variant="subtle"
          color="red"
          onClick={() => {
            onDone();
            onChange(rest);
          }}
        >
          <Trans>Remove</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
