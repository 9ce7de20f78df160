/** The day that a chart points at, by mouse, finger or keyboard. */
import { type KeyboardEvent, type PointerEvent, useState } from 'react';

export interface DayCursor {
  /** The place of the day; null while nothing is pointed at. */
  at: number | null;
  /** What goes onto the chart's frame. */
  handlers: {
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerLeave: () => void;
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    onFocus: () => void;
    onBlur: () => void;
  };
}

/**
 * `left` and `right` are the space beside the plot in pixels; the days fill the width between,
 * each the same part of it.
 */
export function useDayCursor(count: number, left: number, right: number): DayCursor {
  const [at, setAt] = useState<number | null>(null);
  const last = count - 1;
  return {
    at: at === null || at > last ? null : at,
    handlers: {
      onPointerMove: (event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - box.left - left) / (box.width - left - right);
        setAt(Math.max(0, Math.min(last, Math.floor(share * count))));
      },
      onPointerLeave: () => setAt(null),
      onKeyDown: (event) => {
        const now = at ?? last;
        const to = {
          ArrowLeft: now - 1,
          ArrowRight: now + 1,
          PageUp: now - 7,
          PageDown: now + 7,
          Home: 0,
          End: last,
        }[event.key];
        if (event.key === 'Escape') setAt(null);
        if (to === undefined) return;
        event.preventDefault();
        setAt(Math.max(0, Math.min(last, to)));
      },
      onFocus: () => setAt((now) => now ?? last),
      onBlur: () => setAt(null),
    },
  };
}
