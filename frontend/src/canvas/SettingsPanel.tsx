/** The flow's own settings, each told as a sentence: who may come again, what ends it, the goal. */
import { ActionIcon, Button, MultiSelect, SegmentedControl, Select, Switch } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useSegments } from '@/api/queries';
import type { ExitWhen, FlowSettings, JsonObject } from '@/api/types';
import { durationWords } from '@/model/duration';
import { DurationField } from '@/nodes/fields/DurationField';
import { EventPicker, SegmentPicker } from '@/nodes/fields/pickers';
import { RuleField } from '@/nodes/fields/RuleField';
import { WhereField } from '@/nodes/fields/WhereField';
import { faultAt } from '@/nodes/kind';
import { plural } from '@/ui/format';
import { Sentence } from '@/ui/Sentence';
import { useCanvas, useCanvasState } from './context';
import { FaultsList } from './FaultsList';
import classes from './Inspector.module.css';

type Reentry = NonNullable<FlowSettings['reentry']>;

export function reentryWords(reentry: Reentry | undefined): string {
  if (reentry?.type !== 'after_exit') return 'Each person comes in **once**.';
  const gap = durationWords(reentry.gap);
  return gap
    ? `The same person may come again **${gap} after** leaving.`
    : 'The same person may come again **after leaving**.';
}

export function SettingsPanel() {
  const { store } = useCanvas();
  const settings = useCanvasState((state) => state.settings);
  const problems = useCanvasState((state) => state.problems);
  const readOnly = useCanvasState((state) => state.readOnly);
  const empty = useCanvasState((state) => state.graph.nodes.length === 0);
  const graph = useCanvasState((state) => state.graph);
  const { data: segments = [] } = useSegments();
  const change = (part: Partial<FlowSettings>) =>
    store.getState().changeSettings({ ...settings, ...part });
  const own = problems.filter((problem) => problem.node === null);

  return (
    <div className={classes.panel}>
      {problems.length > 0 && !empty && (
        <section className={classes.section} aria-label="Faults">
          <h2>{plural(problems.length, 'thing')} to mend before publishing</h2>
          <FaultsList />
        </section>
      )}
      <section className={classes.section} aria-label="Coming again">
        <h2>Coming again</h2>
        <Sentence size="text" text={reentryWords(settings.reentry)} />
        <SegmentedControl
          size="xs"
          fullWidth
          readOnly={readOnly}
          value={settings.reentry?.type ?? 'once'}
          data={[
            { value: 'once', label: 'Once' },
            { value: 'after_exit', label: 'Again after leaving' },
          ]}
          onChange={(type) =>
            change({ reentry: type === 'once' ? { type: 'once' } : { type: 'after_exit' } })
          }
        />
        {settings.reentry?.type === 'after_exit' && (
          <DurationField
            label="Not sooner than"
            clearable
            value={settings.reentry.gap}
            onChange={(gap) => change({ reentry: { type: 'after_exit', ...(gap && { gap }) } })}
            error={faultAt(own, 'reentry')}
            readOnly={readOnly}
          />
        )}
      </section>
      <section className={classes.section} aria-label="Leave the flow when">
        <h2>Leave the flow when</h2>
        <ExitConditions
          value={settings.exit_when ?? []}
          onChange={(exit_when) => change({ exit_when })}
          readOnly={readOnly}
        />
      </section>
      <section className={classes.section} aria-label="Goal">
        <h2>Goal</h2>
        <Switch
          size="xs"
          label="Count who reaches a goal"
          checked={Boolean(settings.goal)}
          disabled={readOnly}
          onChange={(event) =>
            change({ goal: event.currentTarget.checked ? { type: 'all', rules: [] } : null })
          }
        />
        {settings.goal && (
          <RuleField
            label="Converted when"
            description="Who fulfils it leaves as converted; who fulfils it already does not enter."
            value={settings.goal}
            onChange={(goal) => change({ goal })}
            error={faultAt(own, 'goal')}
            readOnly={readOnly}
            graph={graph}
          />
        )}
      </section>
      <section className={classes.section} aria-label="Never for">
        <h2>Never for</h2>
        <MultiSelect
          size="xs"
          aria-label="Segments whose members neither enter nor stay"
          description="Members of these segments neither enter nor stay."
          placeholder={settings.suppress?.length ? undefined : 'No segment'}
          data={segments.map((segment) => ({ value: segment.key, label: segment.name }))}
          value={settings.suppress ?? []}
          onChange={(suppress) => change({ suppress })}
          error={faultAt(own, 'suppress')}
          searchable
          readOnly={readOnly}
        />
      </section>
    </div>
  );
}

interface ExitConditionsProps {
  value: ExitWhen[];
  onChange: (value: ExitWhen[]) => void;
  readOnly: boolean;
}

const KINDS = [
  { value: 'event', label: 'An event comes in' },
  { value: 'segment_entered', label: 'A segment is joined' },
  { value: 'segment_left', label: 'A segment is left' },
];

function ExitConditions({ value, onChange, readOnly }: ExitConditionsProps) {
  const change = (at: number, next: ExitWhen) =>
    onChange(value.map((each, place) => (place === at ? next : each)));
  return (
    <>
      {value.length === 0 && <Sentence size="text" text="Only where the steps end it." />}
      {value.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other name and do not move
        <div key={at} className={classes.condition}>
          <div>
            <Select
              aria-label="Leave when"
              data={KINDS}
              value={each.type}
              allowDeselect={false}
              readOnly={readOnly}
              onChange={(type) =>
                change(
                  at,
                  type === 'event'
                    ? { type: 'event', name: '' }
                    : { type: type as 'segment_entered' | 'segment_left', segment: '' },
                )
              }
            />
          </div>
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Remove this"
              onClick={() => onChange(value.filter((_, place) => place !== at))}
            >
              <IconX size={14} />
            </ActionIcon>
          )}
          {each.type === 'event' ? (
            <div className={classes.section}>
              <EventPicker
                label=""
                value={each.name}
                readOnly={readOnly}
                onChange={(name) => change(at, { ...each, name: name ?? '' })}
              />
              <WhereField
                event={each.name}
                value={each.where}
                readOnly={readOnly}
                onChange={(where: JsonObject[] | undefined) =>
                  change(at, { type: 'event', name: each.name, ...(where && { where }) })
                }
              />
            </div>
          ) : (
            <div>
              <SegmentPicker
                label=""
                value={each.segment || undefined}
                readOnly={readOnly}
                onChange={(segment) => change(at, { type: each.type, segment: segment ?? '' })}
              />
            </div>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-xs"
          justify="flex-start"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...value, { type: 'event', name: '' }])}
        >
          Way out
        </Button>
      )}
    </>
  );
}
