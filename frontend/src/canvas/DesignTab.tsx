/** Drawing a flow: palette, canvas, inspector, and the draft's state in the top bar. */
import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ActionIcon, Button, Group, Modal, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconSettings } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { FlowSearch } from '@/app/router';
import { placeOf } from '@/model/notes';
import { useDialogInAddress } from '@/ui/useDialogInAddress';
import { Announcer } from './Announcer';
import { Conflict } from './Conflict';
import { useCanvas, useCanvasState } from './context';
import classes from './DesignTab.module.css';
import { FindStep } from './FindStep';
import { FlowFrame } from './FlowFrame';
import type { TabProps } from './FlowPage';
import { GraphView } from './GraphView';
import { Inspector } from './Inspector';
import { Palette } from './Palette';
import { PublishDialog } from './PublishDialog';
import { SettingsPanel } from './SettingsPanel';
import { ShortcutsSheet } from './ShortcutsSheet';
import { StartHere } from './StartHere';
import { type Autosave, dropBackup, readBackup } from './useAutosave';
import { enterSettings, useReveal, useShortcuts } from './useShortcuts';

export function DesignTab(props: TabProps & { autosave: Autosave }) {
  const { flow, go, search, autosave } = props;
  const { store } = useCanvas();
  const graph = useCanvasState((state) => state.graph);
  const selected = useCanvasState((state) => state.selected);
  const selectedEdges = useCanvasState((state) => state.selectedEdges);
  const readOnly = useCanvasState((state) => state.readOnly);
  const [publishing, openPublish, closePublish] = useDialogInAddress('publish');
  useDeepLink(search, go);

  const select = useCallback(
    (nodes: Set<string>, edges: Set<string> = new Set()) => store.getState().select(nodes, edges),
    [store],
  );
  const [open, setOpen] = useState<'find' | 'keys' | null>(null);
  useShortcuts(select, selected, setOpen);
  useReveal();

  return (
    <FlowFrame
      {...props}
      flush
      actions={readOnly ? null : <DesignActions autosave={autosave} onPublish={openPublish} />}
      aside={selected.size > 0 ? <Inspector /> : <SettingsPanel />}
      asideLabel={selected.size > 0 ? t`The chosen step` : t`Settings of the flow`}
    >
      <div className={classes.work}>
        {!readOnly && <Palette />}
        <GraphView
          onFind={() => setOpen('find')}
          onKeys={() => setOpen('keys')}
          graph={graph}
          selected={selected}
          selectedEdges={selectedEdges}
          onSelect={select}
          label={t`The flow as a drawing. Arrow keys go from step to step, Enter opens one, A adds one after it.`}
        />
        {graph.nodes.length === 0 && !readOnly && <StartHere />}
        {open === 'find' && <FindStep onClose={() => setOpen(null)} />}
        <Announcer />
        {selected.size > 0 && (
          <button type="button" className={classes.settings} onClick={() => enterSettings(store)}>
            <Trans>
              <IconSettings size={15} stroke={1.7} /> Flow settings
            </Trans>
          </button>
        )}
      </div>
      <PublishDialog
        flow={flow}
        opened={publishing}
        flush={autosave.flush}
        onClose={closePublish}
        onPublished={() => {
          go({ tab: 'live' });
        }}
      />
      <Conflict autosave={autosave} />
      <Recovery flowKey={flow.key} autosave={autosave} />
      <ShortcutsSheet opened={open === 'keys'} onClose={() => setOpen(null)} />
    </FlowFrame>
  );
}

/** Opens the step that the address names, once. */
function useDeepLink({ node, tab }: FlowSearch, go: (search: FlowSearch) => void) {
  const { store } = useCanvas();
  useEffect(() => {
    if (!node) return;
    if (placeOf(store.getState().graph, node)) store.getState().reveal(node);
    go({ ...(tab && { tab }) });
  }, [node, tab, go, store]);
}

const SAVE_WORDS: Record<Autosave['state'], string> = {
  saved: t`Saved`,
  dirty: t`Saving…`,
  saving: t`Saving…`,
  conflict: t`Changed by somebody else, too`,
  failed: t`Not saved, trying again`,
};

function DesignActions({ autosave, onPublish }: { autosave: Autosave; onPublish: () => void }) {
  const { store } = useCanvas();
  const past = useStore(store.temporal, (state) => state.pastStates.length);
  const future = useStore(store.temporal, (state) => state.futureStates.length);
  const faults = useCanvasState((state) => state.problems.length);
  const { undo, redo } = store.temporal.getState();
  return (
    <>
      <span
        className={classes.saved}
        role="status"
        data-bad={autosave.state === 'failed' || undefined}
      >
        {SAVE_WORDS[autosave.state]}
      </span>
      <Group gap={2} wrap="nowrap">
        <Tooltip label={t`Undo (Ctrl Z)`}>
          <ActionIcon
            variant="transparent"
            color="gray"
            aria-label={t`Undo`}
            className={classes.history}
            disabled={past === 0}
            onClick={() => undo()}
          >
            <IconArrowBackUp size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t`Redo (Ctrl Y)`}>
          <ActionIcon
            variant="transparent"
            color="gray"
            aria-label={t`Redo`}
            className={classes.history}
            disabled={future === 0}
            onClick={() => redo()}
          >
            <IconArrowForwardUp size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Button
        onClick={onPublish}
        rightSection={
          faults > 0 && (
            <span
              className={classes.count}
              title={t`${plural(faults, { one: '# thing', other: '# things' })} to mend`}
            >
              {faults}
              <span className="sr-only">
                <Trans> to mend</Trans>
              </span>
            </span>
          )
        }
      >
        <Trans>Publish…</Trans>
      </Button>
    </>
  );
}

/** Work of a tab that ended before it was saved. */
function Recovery({ flowKey, autosave }: { flowKey: string; autosave: Autosave }) {
  const { store } = useCanvas();
  const [backup, setBackup] = useState(() => {
    const found = readBackup(flowKey);
    return found && !store.getState().readOnly ? found : null;
  });
  if (!backup) return null;
  const close = () => {
    dropBackup(flowKey);
    setBackup(null);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={
        <strong>
          <Trans>Unsaved work was found</Trans>
        </strong>
      }
      size={440}
    >
      <p className={classes.words}>
        <Trans>
          Changes you made earlier in this browser did not reach the server. Brought back, they are
          put together with what was saved since.
        </Trans>
      </p>
      <Group justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={close}>
          <Trans>Throw them away</Trans>
        </Button>
        <Button
          onClick={() => {
            autosave.recover(backup);
            setBackup(null);
          }}
        >
          <Trans>Bring them back</Trans>
        </Button>
      </Group>
    </Modal>
  );
}
