/** With one person, or on a past period. */
import { t } from '@lingui/core/macro';
import { SegmentedControl } from '@mantine/core';
import type { TabProps } from '@/canvas/FlowPage';

export function WaySwitch({ tab, search, go }: Pick<TabProps, 'tab' | 'search' | 'go'>) {
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={t`How to try it out`}
      value={search.way ?? 'simulate'}
      data={[
        { value: 'simulate', label: t`One person` },
        { value: 'backtest', label: t`A past period` },
      ]}
      onChange={(next) => go({ tab, ...(next === 'backtest' && { way: 'backtest' }) })}
    />
  );
}
