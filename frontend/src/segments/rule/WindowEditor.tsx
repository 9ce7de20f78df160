/** When: the span of time that an event condition looks at. */
import { t } from '@lingui/core/macro';
import { NativeSelect, Radio, Stack } from '@mantine/core';
import type { Calendar, Window } from '@/model/rule';
import { CALENDAR_WORDS } from '@/model/ruleWords';
import { DurationInput } from '@/ui/DurationInput';
import { InstantInput } from './InstantInput';
import { USUAL_SPANS } from './inputs';

type Kind = 'ever' | 'last' | 'older' | 'between' | 'calendar' | 'dates' | 'entry' | 'step';

const LABELS: Record<Kind, string> = {
  ever: t`At any time`,
  last: t`In the last…`,
  older: t`More than … ago`,
  between: t`Between … and … ago`,
  calendar: t`In this calendar span`,
  dates: t`Between two dates`,
  entry: t`Since entering this flow`,
  step: t`Since arriving at this step`,
};

const STARTS: Record<Kind, Window | undefined> = {
  ever: undefined,
  last: { last: 'P30D' },
  older: { older_than: 'P30D' },
  between: { older_than: 'PT1H', last: 'P3D' },
  calendar: { calendar: 'this_month' },
  dates: {},
  entry: { since: 'entry' },
  step: { since: 'step' },
};

export function kindOf(window: Window | undefined): Kind {
  if (!window) return 'ever';
  if (window.since) return window.since;
  if (window.calendar) return 'calendar';
  if (window.last && window.older_than) return 'between';
  if (window.last) return 'last';
  if (window.older_than) return 'older';
  return 'dates';
}

interface WindowEditorProps {
  value: Window | undefined;
  onChange: (window: Window | undefined) => void;
  inFlow: boolean;
}

export function WindowEditor({ value, onChange, inFlow }: WindowEditorProps) {
  const kind = kindOf(value);
  const kinds = (Object.keys(LABELS) as Kind[]).filter(
    (each) => inFlow || kind === each || (each !== 'entry' && each !== 'step'),
  );
  const set = (part: Window) => {
    const next = Object.entries({ ...value, ...part }).filter(([, each]) => each !== undefined);
    onChange(Object.fromEntries(next) as Window);
  };
  return (
    <Radio.Group
      aria-label={t`When`}
      value={kind}
      onChange={(chosen) => onChange(STARTS[chosen as Kind])}
    >
      <Stack gap={8}>
        {kinds.map((each) => (
          <Stack gap={6} key={each}>
            <Radio
              value={each}
              size="xs"
              label={LABELS[each]}
              data-autofocus={each === kind ? true : undefined}
            />
            {each === kind && <Details kind={kind} value={value ?? {}} set={set} />}
          </Stack>
        ))}
      </Stack>
    </Radio.Group>
  );
}

function Details({
  kind,
  value,
  set,
}: {
  kind: Kind;
  value: Window;
  set: (part: Partial<Window>) => void;
}) {
  switch (kind) {
    case 'last':
      return (
        <DurationInput
          label={t`In the last`}
          value={value.last}
          usual={USUAL_SPANS}
          onChange={(last) => set({ last })}
        />
      );
    case 'older':
      return (
        <DurationInput
          label={t`More than this long ago`}
          value={value.older_than}
          usual={USUAL_SPANS}
          onChange={(older) => set({ older_than: older })}
        />
      );
    case 'between':
      return (
        <>
          <DurationInput
            label={t`At least this long ago`}
            value={value.older_than}
            onChange={(older) => set({ older_than: older })}
          />
          <DurationInput
            label={t`At most this long ago`}
            value={value.last}
            onChange={(last) => set({ last })}
          />
        </>
      );
    case 'calendar':
      return (
        <NativeSelect
          aria-label={t`Calendar span`}
          size="xs"
          value={value.calendar}
          data={Object.entries(CALENDAR_WORDS).map(([key, label]) => ({ value: key, label }))}
          onChange={(event) => set({ calendar: event.currentTarget.value as Calendar })}
        />
      );
    case 'dates':
      return (
        <>
          <InstantInput
            label={t`From`}
            clearable
            value={value.from}
            onChange={(from) => set({ from })}
          />
          <InstantInput
            label={t`Until, not included`}
            clearable
            value={value.to}
            onChange={(to) => set({ to })}
          />
        </>
      );
    default:
      return null;
  }
}
