/** The player of a simulation: a playhead that goes through time, and stands still at each hop. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { advance, type Film, headAt, hopsBy, type Playhead, stopFrom } from '@/model/playback';

/** How long one edge is walked. */
export const HOP = 420;
/** How long a step is looked at where nothing moves. */
const STILL = 900;

export const still = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export interface Player {
  head: Playhead;
  playing: boolean;
  /** Whether the last hop was come to by playing, and so is to be seen walked. */
  walking: boolean;
  toggle: () => void;
  seek: (at: number) => void;
  step: (by: 1 | -1) => void;
  toStart: () => void;
  toEnd: () => void;
}

/** `until` is where the shown timeline ends; `speed` how many milliseconds pass in one. */
export function usePlayer(film: Film, until: number, speed: number): Player {
  const [head, setHead] = useState<Playhead>(() => headAt(film, film.start));
  const [playing, setPlaying] = useState(false);
  const [walking, setWalking] = useState(false);
  const latest = useRef(head);
  latest.current = head;
  const seenWalking = useRef(false);
  // Another film (the timeline was edited) is seen from the same instant.
  const at = Math.min(Math.max(head.at, film.start), until);
  const shown =
    at === head.at && head.hops <= film.hops.length && consistent(film, head)
      ? head
      : { at, hops: hopsBy(film, at) };

  const go = useCallback((next: Playhead, walks: boolean) => {
    latest.current = next;
    seenWalking.current = walks;
    setHead(next);
    setWalking(walks);
  }, []);
  const seek = useCallback(
    (to: number) => {
      setPlaying(false);
      go(headAt(film, Math.min(to, until)), false);
    },
    [film, go, until],
  );

  useEffect(() => {
    if (!playing) return undefined;
    if (still()) return stepwise(film, latest, until, go, setPlaying);
    let frame = 0;
    let before = performance.now();
    let held = 0;
    const turn = (now: number) => {
      const passed = Math.min(now - before, 100);
      before = now;
      held -= passed;
      if (held <= 0) {
        const from = latest.current;
        const next = advance(film, from, passed * speed, until);
        if (next.hops > from.hops) held = HOP;
        go(next, next.hops > from.hops || seenWalking.current);
        if (next.at >= until && next.hops >= hopsBy(film, until)) {
          setPlaying(false);
          return;
        }
      }
      frame = requestAnimationFrame(turn);
    };
    frame = requestAnimationFrame(turn);
    return () => cancelAnimationFrame(frame);
  }, [film, go, playing, speed, until]);

  const step = useCallback(
    (by: 1 | -1) => {
      const to = stopFrom(film, latest.current.at, by) ?? (by > 0 ? until : film.start);
      seek(to);
    },
    [film, seek, until],
  );
  return {
    head: shown,
    playing,
    walking,
    toggle: () => {
      const over = shown.at >= until && shown.hops >= hopsBy(film, until);
      if (!playing) go(over ? { at: film.start, hops: 0 } : shown, false);
      setPlaying(!playing);
    },
    seek,
    step,
    // Before the first step, also where that is walked in the first instant.
    toStart: () => {
      setPlaying(false);
      go({ at: film.start, hops: 0 }, false);
    },
    toEnd: () => seek(until),
  };
}

/** Whether as many hops were walked as there can be at that instant. */
function consistent(film: Film, { at, hops }: Playhead): boolean {
  const most = hopsBy(film, at);
  if (hops > most) return false;
  const next = film.hops[hops];
  return next === undefined || next.at >= at;
}

/** Without motion: from one instant at which anything happens to the next, each looked at. */
function stepwise(
  film: Film,
  latest: { current: Playhead },
  until: number,
  go: (head: Playhead, walks: boolean) => void,
  setPlaying: (playing: boolean) => void,
): () => void {
  const timer = setInterval(() => {
    const to = Math.min(stopFrom(film, latest.current.at, 1) ?? until, until);
    go(headAt(film, to), false);
    if (to >= until) setPlaying(false);
  }, STILL);
  return () => clearInterval(timer);
}

const TYPING = 'input, textarea, select, [contenteditable], [role="dialog"], [role="listbox"]';

/** Space plays, arrows go from one happening to the next, Home and End to the ends. */
export function usePlayerKeys(player: Player): void {
  const latest = useRef(player);
  latest.current = player;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest(TYPING)) return;
      const does = latest.current;
      const at = target.closest('button, a, [role="tab"]');
      if (event.key === ' ' && !at) does.toggle();
      else if (event.key === 'ArrowRight') does.step(1);
      else if (event.key === 'ArrowLeft') does.step(-1);
      else if (event.key === 'Home') does.toStart();
      else if (event.key === 'End') does.toEnd();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
