/** Play, pause, the next and the last thing, how fast, and the instant at the playhead. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Select, Tooltip } from '@mantine/core';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlus,
} from '@tabler/icons-react';
import { SPEEDS } from '@/model/playback';
import { exactInstant, shortInstant, span } from '@/ui/format';
import classes from './timeline.module.css';
import type { Player } from './usePlayer';

interface TimelineControlsProps {
  player: Player;
  start: number;
  speed: string;
  onSpeed: (speed: string) => void;
  onAdd: () => void;
  busy: boolean;
}

export function TimelineControls(props: TimelineControlsProps) {
  const { player, start, speed, onSpeed, onAdd, busy } = props;
  const at = new Date(player.head.at).toISOString();
  const passed = Math.round((player.head.at - start) / 1_000);
  return (
    <div className={classes.controls}>
      <Tooltip label={t`To what happened before (←)`}>
        <ActionIcon
          variant="default"
          aria-label={t`To what happened before`}
          onClick={() => player.step(-1)}
        >
          <IconPlayerSkipBack size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={player.playing ? t`Pause (space)` : t`Play (space)`}>
        <ActionIcon
          variant="filled"
          size={34}
          radius="xl"
          aria-label={player.playing ? t`Pause` : t`Play`}
          onClick={player.toggle}
        >
          {player.playing ? (
            <IconPlayerPauseFilled size={15} />
          ) : (
            <IconPlayerPlayFilled size={15} />
          )}
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t`To what happens next (→)`}>
        <ActionIcon
          variant="default"
          aria-label={t`To what happens next`}
          onClick={() => player.step(1)}
        >
          <IconPlayerSkipForward size={14} />
        </ActionIcon>
      </Tooltip>
      <time className={classes.now} dateTime={at} title={exactInstant(at)}>
        <strong>{shortInstant(at)}</strong>
        <span>{passed === 0 ? t`the start` : t`${span(passed)} after the start`}</span>
      </time>
      <span className={classes.busy} role="status">
        {busy ? t`Trying…` : ''}
      </span>
      <Select
        aria-label={t`How fast time goes by`}
        className={classes.speed}
        data={SPEEDS.map(({ value, label }) => ({ value, label }))}
        value={speed}
        allowDeselect={false}
        comboboxProps={{ shadow: 'md' }}
        onChange={(next) => next && onSpeed(next)}
      />
      <button type="button" className={classes.add} onClick={onAdd}>
        <Trans>
          <IconPlus size={13} stroke={2.2} aria-hidden />
          Add to the timeline
        </Trans>
      </button>
    </div>
  );
}
