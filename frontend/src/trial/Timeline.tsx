/** The timeline below the canvas: what happens, put there and dragged; what comes of it; the playhead. */
import { t } from '@lingui/core/macro';
import { useElementSize } from '@mantine/hooks';
import { memo, type PointerEvent, useMemo, useState } from 'react';
import { useSegments } from '@/api/queries';
import type { Graph } from '@/api/types';
import { useTitleIn } from '@/canvas/useTitles';
import type { Film } from '@/model/playback';
import { tickOf } from '@/model/playback';
import { durationOf, type Happening, happeningTitle, offsetOf } from '@/model/trial';
import { exactInstant, shortInstant, span } from '@/ui/format';
import { HappeningPin } from './HappeningPin';
import classes from './timeline.module.css';
import type { Player } from './usePlayer';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ROWS = 3;
/** Room that a pin with its words takes. */
const PIN = 136;

/** To what times a thing that is dragged keeps. */
const snapOf = (length: number): number =>
  length <= 12 * HOUR ? 5 * MINUTE : length <= 3 * DAY ? 15 * MINUTE : HOUR;

interface TimelineProps {
  film: Film;
  graph: Graph;
  length: number;
  player: Player;
  happenings: Happening[];
  open: number | null;
  onOpen: (id: number | null) => void;
  onAdd: (after: string | undefined) => void;
  onChange: (id: number, part: Partial<Happening>) => void;
  onRemove: (id: number) => void;
}

export function Timeline(props: TimelineProps) {
  const { film, graph, length, player, onAdd } = props;
  const { ref, width } = useElementSize();
  const { happenings } = props;
  const rows = useMemo(() => rowsOf(happenings, length, width), [happenings, length, width]);
  const lane = Math.max(1, ...[...rows.values()].map((row) => row + 1)) * 27 + 27;
  const share = (at: number): number => (100 * (at - film.start)) / length;
  const atPointer = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return film.start + (length * (event.clientX - box.left)) / Math.max(1, box.width);
  };
  const seek = (event: PointerEvent<HTMLElement>) => player.seek(atPointer(event));
  const snap = snapOf(length);
  const at = new Date(player.head.at).toISOString();
  return (
    <div className={classes.tracks} ref={ref}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: "Add to the timeline" is the same for the keyboard */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        className={classes.lane}
        style={{ height: lane }}
        title={t`Click where something should happen`}
        onClick={(event) => {
          if (event.target !== event.currentTarget) return;
          const offset = Math.round((atPointer(event) - film.start) / snap) * snap;
          onAdd(durationOf(offset));
        }}
      >
        <Pins {...props} width={width} snap={snap} rows={rows} />
      </div>
      <div
        className={classes.axis}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seek(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(event);
        }}
      >
        <Ticks length={length} width={width} />
      </div>
      <Outcomes film={film} graph={graph} length={length} />
      <div
        className={classes.playhead}
        style={{ left: `${Math.min(100, share(player.head.at))}%` }}
      >
        <div
          role="slider"
          tabIndex={0}
          className={classes.thumb}
          style={{ top: lane - 3 }}
          aria-label={t`Playhead`}
          aria-valuemin={0}
          aria-valuemax={Math.round(length / 1_000)}
          aria-valuenow={Math.round((player.head.at - film.start) / 1_000)}
          aria-valuetext={exactInstant(at)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
            const box = event.currentTarget.closest(`.${classes.tracks}`)?.getBoundingClientRect();
            if (box) player.seek(film.start + (length * (event.clientX - box.left)) / box.width);
          }}
        />
      </div>
    </div>
  );
}

/** The things that happen, in as many rows as their words need. */
const Pins = memo(function Pins(
  props: TimelineProps & { width: number; snap: number; rows: ReadonlyMap<number, number> },
) {
  const { film, graph, length, happenings, open, onOpen, onChange, onRemove, width, snap, rows } =
    props;
  const title = useTitleIn(graph);
  const { data: segments = [] } = useSegments();
  const segmentName = (key: string) => segments.find((each) => each.key === key)?.name ?? key;
  const [drag, setDrag] = useState<{ id: number; by: number } | null>(null);
  return happenings.map((each) => {
    const moved = offsetOf(each) + (drag?.id === each.id ? drag.by : 0);
    const offset = Math.min(Math.max(0, Math.round(moved / snap) * snap), length);
    const stands = drag?.id === each.id ? offset : Math.min(offsetOf(each), length);
    const instant = new Date(film.start + stands).toISOString();
    return (
      <HappeningPin
        key={each.id}
        graph={graph}
        happening={each}
        title={happeningTitle(each, title, segmentName)}
        when={shortInstant(instant)}
        left={(100 * stands) / length}
        row={rows.get(each.id) ?? 0}
        opened={open === each.id}
        dragged={drag?.id === each.id}
        onOpen={(next) => onOpen(next ? each.id : null)}
        onDrag={(pixels) => setDrag({ id: each.id, by: (pixels * length) / Math.max(1, width) })}
        onDrop={() => {
          setDrag(null);
          onChange(each.id, { after: durationOf(offset) });
        }}
        onNudge={(by) => {
          const to = Math.min(Math.max(0, offsetOf(each) + by * snap), length);
          onChange(each.id, { after: durationOf(to) });
        }}
        onChange={(part) => onChange(each.id, part)}
        onRemove={() => onRemove(each.id)}
      />
    );
  });
});

function rowsOf(
  happenings: readonly Happening[],
  length: number,
  width: number,
): ReadonlyMap<number, number> {
  const ends: number[] = [];
  const rows = new Map<number, number>();
  for (const each of [...happenings].sort((a, b) => offsetOf(a) - offsetOf(b))) {
    const left = (offsetOf(each) / length) * width;
    const free = ends.findIndex((end) => end <= left);
    const row = free >= 0 ? free : Math.min(ends.length, ROWS - 1);
    ends[row] = left + PIN;
    rows.set(each.id, row);
  }
  return rows;
}

const Ticks = memo(function Ticks({ length, width }: { length: number; width: number }) {
  const tick = tickOf(length, Math.max(3, Math.floor(width / 84)));
  const marks = Array.from({ length: Math.floor(length / tick) + 1 }, (_, place) => place * tick);
  return marks.map((mark) => (
    <span key={mark} className={classes.tick} style={{ left: `${(100 * mark) / length}%` }}>
      {mark === 0 ? t`Start` : mark / length < 0.96 && span(mark / 1_000)}
    </span>
  ));
});

const OUTCOME_WORDS: Record<string, string> = {
  completed: t`came to the end`,
  converted: t`converted`,
  exited: t({ message: 'left', context: 'the flow' }),
  failed: t`failed`,
};

/** What comes of it, as small marks: steps, e-mails, the end of a visit. */
const Outcomes = memo(function Outcomes(props: { film: Film; graph: Graph; length: number }) {
  const { film, graph, length } = props;
  const title = useTitleIn(graph);
  return (
    <div className={classes.outcomes} aria-hidden>
      {film.entries.map((entry) => {
        if (entry.kind === 'happening' || entry.kind === 'segment') return null;
        const left = (100 * (entry.at - film.start)) / length;
        if (left > 100) return null;
        const tone =
          entry.kind === 'mail'
            ? entry.mail.status
            : entry.kind === 'end'
              ? entry.visit.outcome
              : '';
        const words =
          entry.kind === 'mail'
            ? `E-mail: ${entry.mail.subject}`
            : entry.kind === 'end'
              ? (OUTCOME_WORDS[entry.visit.outcome] ?? '')
              : title(entry.node);
        const when = shortInstant(new Date(entry.at).toISOString());
        return (
          <span
            key={entry.id}
            className={classes.mark}
            data-kind={entry.kind}
            data-tone={tone || undefined}
            style={{ left: `${left}%` }}
            title={`${words}, ${when}`}
          />
        );
      })}
    </div>
  );
});
