import { t } from '@lingui/core/macro';
import { Chip, Group, Input, SegmentedControl, TextInput } from '@mantine/core';
import { ZonePicker } from '../fields/ZonePicker';
import { compact, type FormProps, faultAt } from '../kind';
import { type Config, KEYS, WEEKDAYS, weekdayIndex } from './card';

export function Form({ config, onChange, faults, readOnly }: FormProps<Config>) {
  const mode = config.between ? 'between' : 'time';
  const [from = '09:00', to = '17:00'] = config.between ?? [];
  const change = (part: Partial<Config>) => onChange(compact({ ...config, ...part }));
  const chosen = (config.weekdays ?? KEYS).map((day) => String(weekdayIndex(day)));

  return (
    <>
      <SegmentedControl
        size="xs"
        fullWidth
        readOnly={readOnly}
        value={mode}
        data={[
          { value: 'time', label: t`A time of day` },
          { value: 'between', label: t`A window` },
        ]}
        onChange={(next) =>
          next === 'between'
            ? change({ time: undefined, between: [config.time ?? '09:00', '17:00'] })
            : change({ between: undefined, time: from })
        }
      />
      {mode === 'time' ? (
        <TextInput
          type="time"
          label={t`Until`}
          value={config.time ?? ''}
          onChange={(event) => change({ time: event.currentTarget.value })}
          error={faultAt(faults, 'time')}
          readOnly={readOnly}
        />
      ) : (
        <Group grow gap={8}>
          <TextInput
            type="time"
            label={t`From`}
            value={from}
            onChange={(event) => change({ between: [event.currentTarget.value, to] })}
            error={faultAt(faults, 'between')}
            readOnly={readOnly}
          />
          <TextInput
            type="time"
            label={t`To`}
            value={to}
            onChange={(event) => change({ between: [from, event.currentTarget.value] })}
            readOnly={readOnly}
          />
        </Group>
      )}
      <Input.Wrapper label={t`On these days`} size="xs" error={faultAt(faults, 'weekdays')}>
        <Chip.Group
          multiple
          value={chosen}
          onChange={(next) =>
            change({
              weekdays:
                next.length === 7
                  ? undefined
                  : next
                      .map(Number)
                      .sort()
                      .map((day) => KEYS[day] ?? 'mon'),
            })
          }
        >
          <Group gap={4} mt={4}>
            {WEEKDAYS.map((day, place) => (
              <Chip key={day} value={String(place)} size="xs" radius="md" disabled={readOnly}>
                {day}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
      <ZonePicker
        value={config.timezone}
        onChange={(timezone) => change({ timezone })}
        error={faultAt(faults, 'timezone')}
        readOnly={readOnly}
      />
    </>
  );
}
