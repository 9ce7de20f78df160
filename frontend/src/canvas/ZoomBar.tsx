/** Zoom, fit, tidy and the small map, at the corner of the canvas. */
import { Tooltip } from '@mantine/core';
import { IconMap2, IconMaximize, IconMinus, IconPlus, IconSitemap } from '@tabler/icons-react';
import { type FitViewOptions, Panel, useReactFlow, useViewport } from '@xyflow/react';
import { useState } from 'react';
import { toastError } from '@/ui/toast';
import { useCanvas } from './context';
import classes from './ZoomBar.module.css';

const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
export const pace = () => (still() ? 0 : 180);

/** What a card grows by while it is watched: the steps are arranged so that they fit then too. */
const LIVE_FOOTER = 36;

interface ZoomBarProps {
  fit: FitViewOptions;
  map: boolean;
  onMap: () => void;
}

export function ZoomBar({ fit, map, onMap }: ZoomBarProps) {
  const { mode, store } = useCanvas();
  const flow = useReactFlow();
  const { zoom } = useViewport();
  const [busy, setBusy] = useState(false);
  const editable = mode === 'design' && !store.getState().readOnly;

  const arrange = async () => {
    setBusy(true);
    try {
      const { tidy } = await import('./layout');
      const { graph, typeOf, move } = store.getState();
      const heights = new Map(
        flow.getNodes().map((node) => [node.id, (node.measured?.height ?? 58) + LIVE_FOOTER]),
      );
      move(await tidy(graph, heights, typeOf));
      requestAnimationFrame(() => void flow.fitView({ ...fit, duration: pace() }));
    } catch (error) {
      toastError(error, 'The flow could not be arranged');
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel position="bottom-left" className={classes.bar}>
      <Tooltip label="Zoom out">
        <button
          type="button"
          aria-label="Zoom out"
          onClick={() => flow.zoomOut({ duration: pace() })}
        >
          <IconMinus size={15} />
        </button>
      </Tooltip>
      <Tooltip label="Back to 100 %">
        <button
          type="button"
          className={classes.value}
          aria-label={`Zoom ${Math.round(zoom * 100)} %, back to 100 %`}
          onClick={() => flow.zoomTo(1, { duration: pace() })}
        >
          {Math.round(zoom * 100)} %
        </button>
      </Tooltip>
      <Tooltip label="Zoom in">
        <button
          type="button"
          aria-label="Zoom in"
          onClick={() => flow.zoomIn({ duration: pace() })}
        >
          <IconPlus size={15} />
        </button>
      </Tooltip>
      <Tooltip label="Show the whole flow">
        <button
          type="button"
          aria-label="Show the whole flow"
          onClick={() => flow.fitView({ ...fit, duration: pace() })}
        >
          <IconMaximize size={15} />
        </button>
      </Tooltip>
      <Tooltip label={map ? 'Hide the small map' : 'Show a small map'}>
        <button type="button" aria-label="Small map" aria-pressed={map} onClick={onMap}>
          <IconMap2 size={15} />
        </button>
      </Tooltip>
      {editable && (
        <Tooltip label="Arrange the steps">
          <button type="button" aria-label="Arrange the steps" disabled={busy} onClick={arrange}>
            <IconSitemap size={15} />
          </button>
        </Tooltip>
      )}
    </Panel>
  );
}
