/** One thing on the timeline: dragged along it, opened by a click. */
import { t } from '@lingui/core/macro';
import { ActionIcon, Popover } from '@mantine/core';
import {
  IconActivity,
  IconArrowsExchange,
  IconChecks,
  IconForms,
  IconMail,
  IconStar,
  IconUserPlus,
  IconUsersGroup,
  IconX,
} from '@tabler/icons-react';
import { type ComponentType, useRef } from 'react';
import type { Graph } from '@/api/types';
import type { Happening, HappeningKind } from '@/model/trial';
import { HappeningForm } from './HappeningForm';
import classes from './timeline.module.css';

const ICONS: Record<HappeningKind, ComponentType<{ size?: number; stroke?: number }>> = {
  event: IconActivity,
  fields: IconForms,
  score: IconStar,
  consent: IconChecks,
  mail: IconMail,
  answer: IconArrowsExchange,
  add_to_segment: IconUsersGroup,
  remove_from_segment: IconUsersGroup,
  add_to_flow: IconUserPlus,
  remove_from_flow: IconUserPlus,
  unsubscribe: IconX,
};
/** So far a pointer moves before it drags. */
const SLOP = 3;

interface HappeningPinProps {
  graph: Graph;
  happening: Happening;
  title: string;
  when: string;
  left: number;
  row: number;
  opened: boolean;
  dragged: boolean;
  onOpen: (opened: boolean) => void;
  onDrag: (pixels: number) => void;
  onDrop: () => void;
  onNudge: (by: 1 | -1) => void;
  onChange: (part: Partial<Happening>) => void;
  onRemove: () => void;
}

export function HappeningPin(props: HappeningPinProps) {
  const { happening, title, when, left, row, opened, dragged, onOpen } = props;
  const Icon = ICONS[happening.kind];
  const from = useRef<number | null>(null);
  const moved = useRef(false);
  return (
    <Popover
      opened={opened}
      onChange={onOpen}
      closeOnClickOutside={false}
      width={292}
      position="top"
      shadow="md"
      withArrow
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={classes.pin}
          data-flip={left > 82 || undefined}
          data-dragged={dragged || undefined}
          style={{ left: `${left}%`, top: row * 27 }}
          aria-label={t`${title}, ${when}. Shift and arrows move it.`}
          title={`${title}, ${when}`}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            from.current = event.clientX;
            moved.current = false;
          }}
          onPointerMove={(event) => {
            if (from.current === null) return;
            const by = event.clientX - from.current;
            if (!moved.current && Math.abs(by) < SLOP) return;
            moved.current = true;
            props.onDrag(by);
          }}
          onPointerUp={() => {
            if (moved.current) props.onDrop();
            from.current = null;
          }}
          onClick={() => {
            if (!moved.current) onOpen(!opened);
            moved.current = false;
          }}
          onKeyDown={(event) => {
            if (!event.shiftKey || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
            event.preventDefault();
            props.onNudge(event.key === 'ArrowRight' ? 1 : -1);
          }}
        >
          <Icon size={13} stroke={1.9} />
          <span>{dragged ? when : title}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`What happens`}>
        <div className={classes.formHead}>
          <strong>{when}</strong>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t`Close`}
            onClick={() => onOpen(false)}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
        <HappeningForm
          graph={props.graph}
          happening={happening}
          onChange={props.onChange}
          onRemove={props.onRemove}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
