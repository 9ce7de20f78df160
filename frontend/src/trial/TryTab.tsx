/** Trying the draft out before anybody gets anything: with one person, or on a past period. */
import type { TabProps } from '@/canvas/FlowPage';
import { BacktestTab } from './BacktestTab';
import { SimulateTab } from './SimulateTab';

export function TryTab(props: TabProps) {
  return props.search.way === 'backtest' ? <BacktestTab {...props} /> : <SimulateTab {...props} />;
}
