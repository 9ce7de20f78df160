/** With one person, or on a past period. */
import { SegmentedControl } from '@mantine/core';
import type { TabProps } from '@/canvas/FlowPage';

export function WaySwitch({ tab, search, go }: Pick<TabProps, 'tab' | 'search' | 'go'>) {
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="How to try it out"
      value={search.way ?? 'simulate'}
      data={[
        { value: 'simulate', label: 'One person' },
        { value: 'backtest', label: 'A past period' },
      ]}
      onChange={(next) => go({ tab, ...(next === 'backtest' && { way: 'backtest' }) })}
    />
  );
}
