/** The flow's own settings, each told as a sentence: who may come again, what ends it, the goal. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { SegmentedControl, Switch } from '@mantine/core';
import type { FlowSettings } from '@/api/types';
import { reentryWords, suppressWords } from '@/model/settingsWords';
import { DurationField } from '@/nodes/fields/DurationField';
import { SegmentsPicker } from '@/nodes/fields/pickers';
import { RuleField } from '@/nodes/fields/RuleField';
import { faultAt } from '@/nodes/kind';
import { Sentence } from '@/ui/Sentence';
import { useCanvas, useCanvasState } from './context';
import { ExitConditions } from './ExitConditions';
import { FaultsList } from './FaultsList';
import classes from './Inspector.module.css';
import { SendingSettings } from './SendingSettings';
import { SETTINGS_ID } from './useShortcuts';

export function SettingsPanel() {
  const { store, names } = useCanvas();
  const settings = useCanvasState((state) => state.settings);
  const problems = useCanvasState((state) => state.problems);
  const readOnly = useCanvasState((state) => state.readOnly);
  const empty = useCanvasState((state) => state.graph.nodes.length === 0);
  const graph = useCanvasState((state) => state.graph);
  const change = (part: Partial<FlowSettings>) =>
    store.getState().changeSettings({ ...settings, ...part });
  const own = problems.filter((problem) => problem.node === null);

  return (
    <div id={SETTINGS_ID} className={classes.panel}>
      {problems.length > 0 && !empty && (
        <section className={classes.section} aria-label={t`Faults`}>
          <h2>
            <Trans>
              {plural(problems.length, { one: '# thing', other: '# things' })} to mend before
              publishing
            </Trans>
          </h2>
          <FaultsList />
        </section>
      )}
      <section className={classes.section} aria-label={t`Coming again`}>
        <h2>
          <Trans>Coming again</Trans>
        </h2>
        <Sentence size="text" text={reentryWords(settings.reentry)} />
        <SegmentedControl
          size="xs"
          fullWidth
          readOnly={readOnly}
          value={settings.reentry?.type ?? 'once'}
          data={[
            { value: 'once', label: t`Once` },
            { value: 'after_exit', label: t`Again after leaving` },
          ]}
          onChange={(type) =>
            change({ reentry: type === 'once' ? { type: 'once' } : { type: 'after_exit' } })
          }
        />
        {settings.reentry?.type === 'after_exit' && (
          <DurationField
            label={t`Not sooner than`}
            clearable
            value={settings.reentry.gap}
            onChange={(gap) => change({ reentry: { type: 'after_exit', ...(gap && { gap }) } })}
            error={faultAt(own, 'reentry')}
            readOnly={readOnly}
          />
        )}
      </section>
      <section className={classes.section} aria-label={t`Leave the flow when`}>
        <h2>
          <Trans>Leave the flow when</Trans>
        </h2>
        <ExitConditions
          value={settings.exit_when ?? []}
          onChange={(exit_when) => change({ exit_when })}
          faultOf={(place) => faultAt(own, `exit_when.${place}`)}
          readOnly={readOnly}
        />
      </section>
      <section className={classes.section} aria-label={t`Goal`}>
        <h2>
          <Trans>Goal</Trans>
        </h2>
        <Switch
          size="xs"
          label={t`Count who reaches a goal`}
          checked={Boolean(settings.goal)}
          disabled={readOnly}
          onChange={(event) =>
            change({ goal: event.currentTarget.checked ? { type: 'all', rules: [] } : null })
          }
        />
        {settings.goal && (
          <RuleField
            label={t`Converted when`}
            description={t`Who fulfils it leaves as converted; who fulfils it already does not enter.`}
            value={settings.goal}
            onChange={(goal) => change({ goal })}
            error={faultAt(own, 'goal')}
            readOnly={readOnly}
            graph={graph}
          />
        )}
      </section>
      <section className={classes.section} aria-label={t`Never for`}>
        <h2>
          <Trans>Never for</Trans>
        </h2>
        <Sentence
          size="text"
          text={suppressWords((settings.suppress ?? []).map((key) => names.segment(key)))}
        />
        <SegmentsPicker
          label=""
          name="Segments whose members neither enter nor stay"
          placeholder={t`No segment`}
          value={settings.suppress ?? []}
          onChange={(suppress) => change({ suppress })}
          error={faultAt(own, 'suppress')}
          readOnly={readOnly}
        />
      </section>
      <SendingSettings
        settings={settings}
        change={change}
        faultOf={(field) => faultAt(own, field)}
        readOnly={readOnly}
      />
    </div>
  );
}
