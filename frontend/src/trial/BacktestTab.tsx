/** The draft on a past period, drawn on the canvas with its numbers beside the live version's. */
import { t } from '@lingui/core/macro';
import { useCallback, useMemo, useState } from 'react';
import { CanvasContext, useCanvas, useCanvasState } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import type { TrialCounts } from '@/model/trial';
import { BacktestPanel } from './BacktestPanel';
import classes from './trial.module.css';
import { WaySwitch } from './WaySwitch';

const NOBODY: ReadonlySet<string> = new Set();
const nothing = () => undefined;

export function BacktestTab(props: TabProps) {
  const { flow, tab, go, search } = props;
  const canvas = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const [counts, setCounts] = useState<ReadonlyMap<string, TrialCounts> | undefined>();
  const value = useMemo(() => ({ ...canvas, trial: counts }), [canvas, counts]);
  const choose = useCallback(
    (backtest: number | null) =>
      go({ tab, way: 'backtest', ...(backtest !== null && { backtest }) }),
    [go, tab],
  );
  return (
    <FlowFrame
      {...props}
      flush
      asideLabel={t`Try it out`}
      aside={
        <div className={classes.panel}>
          <WaySwitch {...props} />
          <BacktestPanel
            flow={flow}
            chosen={search.backtest ?? null}
            onChoose={choose}
            onCounts={setCounts}
          />
        </div>
      }
    >
      <CanvasContext value={value}>
        <GraphView
          graph={graph}
          selected={NOBODY}
          onSelect={nothing}
          label={t`The draft as a drawing, with the numbers of a past period`}
        />
      </CanvasContext>
    </FlowFrame>
  );
}
