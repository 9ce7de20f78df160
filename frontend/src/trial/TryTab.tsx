/** Trying the draft out before anybody gets anything: with one person, or on a past period. */
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { CanvasContext, useCanvas, useCanvasState } from '@/canvas/context';
import { FlowFrame } from '@/canvas/FlowFrame';
import type { TabProps } from '@/canvas/FlowPage';
import { GraphView } from '@/canvas/GraphView';
import { useFollow } from '@/canvas/sight';
import type { Marks } from '@/model/overlay';
import type { TrialCounts } from '@/model/trial';
import { BacktestPanel } from './BacktestPanel';
import { SimulatePanel } from './SimulatePanel';
import classes from './trial.module.css';

export interface Shown {
  marks?: Marks;
  chosen?: string;
  counts?: ReadonlyMap<string, TrialCounts>;
}

const NOTHING: Shown = {};
const nothing = () => undefined;

export function TryTab(props: TabProps) {
  const { flow } = props;
  const canvas = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const [way, setWay] = useState('simulate');
  const [shown, setShown] = useState<Shown>(NOTHING);
  const selected = useMemo(() => new Set(shown.chosen ? [shown.chosen] : []), [shown.chosen]);
  useFollow(graph, shown.chosen);
  const value = useMemo(() => ({ ...canvas, trial: shown.counts }), [canvas, shown.counts]);
  return (
    <FlowFrame
      {...props}
      flush
      asideLabel="Try it out"
      aside={
        <div className={classes.panel}>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label="How to try it out"
            value={way}
            data={[
              { value: 'simulate', label: 'One person' },
              { value: 'backtest', label: 'A past period' },
            ]}
            onChange={(next) => {
              setWay(next);
              setShown(NOTHING);
            }}
          />
          {way === 'simulate' ? (
            <SimulatePanel flow={flow} onShow={setShown} />
          ) : (
            <BacktestPanel flow={flow} onShow={setShown} />
          )}
        </div>
      }
    >
      <CanvasContext value={value}>
        <GraphView
          graph={graph}
          marks={shown.marks}
          selected={selected}
          onSelect={nothing}
          label="The draft as a drawing"
        />
      </CanvasContext>
    </FlowFrame>
  );
}
