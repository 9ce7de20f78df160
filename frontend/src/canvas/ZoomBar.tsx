/** Zoom, fit, tidy and the small map, at the corner of the canvas. */
import { t } from '@lingui/core/macro';
import { Tooltip } from '@mantine/core';
import {
  IconKeyboard,
  IconMap2,
  IconMaximize,
  IconMinus,
  IconPlus,
  IconSearch,
  IconSitemap,
} from '@tabler/icons-react';
import { Panel, useReactFlow, useViewport } from '@xyflow/react';
import { useState } from 'react';
import { toastError } from '@/ui/toast';
import { useCanvas } from './context';
import { FIT, pace, tidyAll } from './tidy';
import classes from './ZoomBar.module.css';

interface ZoomBarProps {
  map: boolean;
  onMap: () => void;
  onFind?: () => void;
  onKeys?: () => void;
}

export function ZoomBar({ map, onMap, onFind, onKeys }: ZoomBarProps) {
  const { mode, store } = useCanvas();
  const flow = useReactFlow();
  const { zoom } = useViewport();
  const [busy, setBusy] = useState(false);
  const editable = mode === 'design' && !store.getState().readOnly;

  const arrange = async () => {
    setBusy(true);
    try {
      await tidyAll(flow, store);
    } catch (error) {
      toastError(error, t`The flow could not be arranged`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel position="bottom-left" className={classes.bar}>
      <Tooltip label={t`Zoom out`}>
        <button
          type="button"
          aria-label={t`Zoom out`}
          onClick={() => flow.zoomOut({ duration: pace() })}
        >
          <IconMinus size={15} />
        </button>
      </Tooltip>
      <Tooltip label={t`Back to 100 %`}>
        <button
          type="button"
          className={classes.value}
          aria-label={t`Zoom ${Math.round(zoom * 100)} %, back to 100 %`}
          onClick={() => flow.zoomTo(1, { duration: pace() })}
        >
          {Math.round(zoom * 100)} %
        </button>
      </Tooltip>
      <Tooltip label={t`Zoom in`}>
        <button
          type="button"
          aria-label={t`Zoom in`}
          onClick={() => flow.zoomIn({ duration: pace() })}
        >
          <IconPlus size={15} />
        </button>
      </Tooltip>
      <Tooltip label={t`Show the whole flow`}>
        <button
          type="button"
          aria-label={t`Show the whole flow`}
          onClick={() => flow.fitView({ ...FIT, duration: pace() })}
        >
          <IconMaximize size={15} />
        </button>
      </Tooltip>
      <Tooltip label={map ? t`Hide the small map` : t`Show a small map`}>
        <button type="button" aria-label={t`Small map`} aria-pressed={map} onClick={onMap}>
          <IconMap2 size={15} />
        </button>
      </Tooltip>
      {onFind && (
        <Tooltip label={t`Find a step (Ctrl F)`}>
          <button type="button" aria-label={t`Find a step`} onClick={onFind}>
            <IconSearch size={15} />
          </button>
        </Tooltip>
      )}
      {editable && (
        <Tooltip label={t`Tidy all steps (T)`}>
          <button type="button" aria-label={t`Arrange the steps`} disabled={busy} onClick={arrange}>
            <IconSitemap size={15} />
          </button>
        </Tooltip>
      )}
      {onKeys && (
        <Tooltip label={t`Keys (?)`}>
          <button type="button" aria-label={t`Keys on the canvas`} onClick={onKeys}>
            <IconKeyboard size={15} />
          </button>
        </Tooltip>
      )}
    </Panel>
  );
}
