/** What floats above the live canvas: the flow in numbers, over which time, and the heat. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconFlame } from '@tabler/icons-react';
import type { Flow } from '@/api/types';
import { useLive } from '@/canvas/context';
import { RANGES, type RangeName, totalOf } from '@/model/course';
import { HEAT_BY, type HeatBy, HOTTEST, levelFrom } from '@/model/heat';
import { number, percent } from '@/ui/format';
import { FollowSomeone } from './follow/FollowSomeone';
import classes from './LiveBar.module.css';
import { HEAT_WORDS, RANGE_WORDS } from './words';

interface LiveBarProps {
  flow: Flow;
  range: RangeName;
  heat: HeatBy | null;
  onRange: (range: RangeName) => void;
  onHeat: (by: HeatBy | null) => void;
  onFollow: (visit: number) => void;
}

export function LiveBar({ flow, range, heat, onRange, onHeat, onFollow }: LiveBarProps) {
  return (
    <div className={classes.top}>
      <div className={classes.bar}>
        <Totals running={flow.status === 'live'} />
        <span className={classes.tools}>
          <RangeMenu range={range} onRange={onRange} />
          <HeatMenu heat={heat} onHeat={onHeat} />
          <FollowSomeone flowKey={flow.key} onFollow={onFollow} />
        </span>
      </div>
      {flow.status === 'paused' && <Paused />}
      {heat && <Legend by={heat} />}
    </div>
  );
}

function Totals({ running }: { running: boolean }) {
  const totals = useLive((state) => state.counts.totals);
  const period = useLive((state) => state.period);
  const rate = useLive((state) => state.counts.rate);
  const connection = useLive((state) => state.connection);
  const known = useLive((state) => state.counts.seq >= 0);
  if (!known && connection !== 'open') {
    return (
      <span className={classes.totals} role="status">
        {connection === 'refused' ? t`The live view was refused` : t`Connecting…`}
      </span>
    );
  }
  const entered = totalOf('entered', totals, period);
  const converted = totalOf('converted', totals, period);
  const failed = totalOf('failed', totals, period);
  return (
    <span className={classes.totals} role="status" aria-live="off">
      <span>
        <Trans>
          <strong>{number(totals.inside)}</strong> inside
        </Trans>
      </span>
      <span>
        <Trans>
          <strong>{number(entered)}</strong> entered
        </Trans>
      </span>
      <span title={t`${number(converted)} of ${number(entered)}`}>
        <Trans>
          <strong>{percent(converted, entered)}</strong> converted
        </Trans>
      </span>
      {failed > 0 && (
        <span className={classes.bad}>
          <Trans>
            <strong>{number(failed)}</strong> failed
          </Trans>
        </span>
      )}
      {rate !== null && running && (
        <span title={t`People who came in within the last minute`}>
          <Trans>
            <strong>{number(Math.round(rate))}</strong> / min
          </Trans>
        </span>
      )}
      {connection !== 'open' && (
        <span className={classes.lost}>
          <Trans>Reconnecting…</Trans>
        </span>
      )}
    </span>
  );
}

function RangeMenu({ range, onRange }: Pick<LiveBarProps, 'range' | 'onRange'>) {
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        <button
          type="button"
          className={classes.tool}
          aria-label={t`Numbers of: ${RANGE_WORDS[range]}`}
        >
          {RANGE_WORDS[range]}
          <IconChevronDown size={13} stroke={1.8} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {RANGES.map((each) => (
          <Menu.Item
            key={each}
            aria-current={each === range}
            rightSection={each === range && <IconCheck size={14} aria-hidden />}
            onClick={() => onRange(each)}
          >
            {RANGE_WORDS[each]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function HeatMenu({ heat, onHeat }: Pick<LiveBarProps, 'heat' | 'onHeat'>) {
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        <button
          type="button"
          className={classes.tool}
          data-on={heat !== null || undefined}
          aria-label={heat ? t`Heat: ${HEAT_WORDS[heat]}` : t`Heat: off`}
        >
          <IconFlame size={15} stroke={1.8} aria-hidden />
          <Trans>Heat</Trans>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Trans>Tint the steps</Trans>
        </Menu.Label>
        {HEAT_BY.map((each) => (
          <Menu.Item
            key={each}
            aria-current={each === heat}
            rightSection={each === heat && <IconCheck size={14} aria-hidden />}
            onClick={() => onHeat(each)}
          >
            {HEAT_WORDS[each]}
          </Menu.Item>
        ))}
        <Menu.Item
          aria-current={heat === null}
          rightSection={heat === null && <IconCheck size={14} aria-hidden />}
          onClick={() => onHeat(null)}
        >
          <Trans>Not at all</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Which tint means how many: the colours grow darker, and the numbers stand beside them. */
function Legend({ by }: { by: HeatBy }) {
  const most = useLive((state) => state.heat?.most ?? 0);
  const words = by === 'traffic' ? t`People who arrived` : t`People waiting`;
  if (most === 0) {
    return (
      <div className={classes.legend} role="note">
        {by === 'traffic' ? t`Nobody has arrived anywhere.` : t`Nobody waits anywhere.`}
      </div>
    );
  }
  const levels = Array.from({ length: HOTTEST }, (_, index) => index + 1).filter(
    (level) => level === HOTTEST || levelFrom(level, most) < levelFrom(level + 1, most),
  );
  return (
    <div className={classes.legend} role="note" aria-label={t`${words}, by tint`}>
      <span>{words}</span>
      <ul>
        {levels.map((level) => (
          <li key={level}>
            <i data-heat={level} aria-hidden />
            {level === HOTTEST ? (
              <Trans>up to {number(most)}</Trans>
            ) : (
              <Trans>from {number(levelFrom(level, most))}</Trans>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Paused() {
  const held = useLive((state) => state.counts.held);
  return (
    <div className={classes.paused} role="status">
      <strong>
        <Trans>Paused</Trans>
      </strong>{' '}
      {held > 0
        ? plural(held, {
            one: '# person fell due meanwhile, and goes on when the flow is resumed.',
            other: '# people fell due meanwhile, and go on when the flow is resumed.',
          })
        : t`Nobody comes in, and nobody goes on.`}
    </div>
  );
}
