/**
 * The keyboard on the canvas: arrows walk, Enter opens, the usual keys edit.
 *
 * Keys typed into a field are the field's own. What is copied goes to the system's clipboard as
 * text, so that steps can be pasted into another flow or another tab.
 */
import { t } from '@lingui/core/macro';
import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import { fragmentOf, fragmentText, readFragment } from '@/model/fragment';
import {
  branchesOf,
  type Direction,
  neighbour,
  nodeOf,
  openEnds,
  type Point,
  readingOrder,
} from '@/model/graph';
import { everything, isNoteKey, placeOf } from '@/model/notes';
import { toastError, toastRefused } from '@/ui/toast';
import { useCanvas } from './context';
import { bringIntoSight, freeInView } from './sight';
import type { CanvasStore } from './store';
import { FIT, pace, tidyAll } from './tidy';

const ARROWS: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const NUDGE: Record<Direction, Point> = {
  up: { x: 0, y: -20 },
  down: { x: 0, y: 20 },
  left: { x: -20, y: 0 },
  right: { x: 20, y: 0 },
};

export const nodeElement = (id: string): HTMLElement | null =>
  document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null;

/** The card that has the focus, whether or not it is chosen. */
const focusedCard = (): string | undefined =>
  document.activeElement?.closest<HTMLElement>('.react-flow__node')?.dataset.id;

/** Moves the focus into the inspector, once it shows the chosen step. */
function enterInspector() {
  requestAnimationFrame(() =>
    document.getElementById(INSPECTOR_ID)?.querySelector<HTMLElement>('input, button, a')?.focus(),
  );
}

/** Lets go of what is chosen, and moves the focus into the flow's own settings. */
export function enterSettings(store: CanvasStore) {
  store.getState().select([]);
  requestAnimationFrame(() =>
    document
      .getElementById(SETTINGS_ID)
      ?.querySelector<HTMLElement>('button, input:checked, input')
      ?.focus(),
  );
}

export const SETTINGS_ID = 'flow-settings';

/** The inspector's first field, for Enter on a card. */
export const INSPECTOR_ID = 'inspector';

const refused = (error: unknown) => toastError(error, t`The flow could not be arranged`);

export function useShortcuts(
  onSelect: (ids: Set<string>) => void,
  selected: ReadonlySet<string>,
  open?: (what: 'find' | 'keys') => void,
) {
  const { mode, store, offer } = useCanvas();
  const flow = useReactFlow();

  useEffect(() => {
    const editable = mode === 'design' && !store.getState().readOnly;

    const goTo = (id: string) => {
      onSelect(new Set([id]));
      const node = flow.getInternalNode(id);
      if (node) {
        const { x, y } = node.internals.positionAbsolute;
        const at = flow.flowToScreenPosition({ x, y });
        const inside =
          at.x > 300 &&
          at.x < window.innerWidth - 620 &&
          at.y > 80 &&
          at.y < window.innerHeight - 160;
        if (!inside)
          void flow.setCenter(x + 120, y + 40, { zoom: flow.getZoom(), duration: pace() });
      }
      requestAnimationFrame(() => nodeElement(id)?.focus({ preventScroll: true }));
    };

    const walk = (direction: Direction) => {
      const { graph } = store.getState();
      const from = [...selected].at(-1) ?? focusedCard();
      const to = from ? neighbour(graph, from, direction) : readingOrder(graph)[0];
      if (to) goTo(to);
    };

    /** Chooses the next step that way besides those that are chosen. */
    const extend = (direction: Direction) => {
      const from = [...selected].at(-1) ?? focusedCard();
      const to = from && neighbour(store.getState().graph, from, direction);
      if (!to) return;
      onSelect(new Set([...[...selected].filter((id) => id !== to), to]));
      nodeElement(to)?.focus({ preventScroll: true });
    };

    const nudge = (direction: Direction) => {
      const state = store.getState();
      const by = NUDGE[direction];
      state.move(
        new Map(
          [...selected].flatMap((id) => {
            const at = placeOf(state.graph, id);
            return at ? [[id, { x: at.x + by.x, y: at.y + by.y }] as const] : [];
          }),
        ),
      );
    };

    const duplicate = () => {
      const state = store.getState();
      state.paste(fragmentOf(state.graph, state.selected));
    };

    /** Opens the menu of steps at the chosen step's open end, or on the edge that leaves it. */
    const grow = () => {
      const { graph, selected: chosen, typeOf } = store.getState();
      const id = [...chosen].at(-1) ?? focusedCard();
      const node = id && nodeOf(graph, id);
      if (!id || !node) {
        const pane = document.querySelector('.react-flow')?.getBoundingClientRect();
        offer(null, { x: pane ? pane.left + pane.width / 2 : 400, y: (pane?.top ?? 0) + 90 });
        return;
      }
      const branches = branchesOf(node, typeOf);
      const branch = openEnds(graph, typeOf).find((end) => end.node === id)?.branch ?? branches[0];
      const box = nodeElement(id)?.getBoundingClientRect();
      if (branch && box) {
        offer({ node: id, branch }, { x: box.left + box.width / 2, y: box.bottom + 10 });
      }
    };

    const remove = () => {
      const { graph, selected: chosen } = store.getState();
      const next = [...chosen]
        .map((id) => neighbour(graph, id, 'up'))
        .find((id) => id && !chosen.has(id));
      store.getState().removeSelected();
      if (next && nodeOf(store.getState().graph, next)) goTo(next);
    };

    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const arrow = ARROWS[event.key];
      const history = store.temporal.getState();
      const current = [...selected].at(-1) ?? focusedCard();
      let done = true;
      const onCanvas =
        event.target === document.body ||
        (event.target instanceof Element && event.target.closest('.react-flow') !== null);

      if (command && key === 'z' && editable) event.shiftKey ? history.redo() : history.undo();
      else if (command && key === 'y' && editable) history.redo();
      else if (command && key === 'd' && editable) duplicate();
      else if (command && key === 'f' && open) open('find');
      else if (command && key === 'a' && onCanvas)
        onSelect(new Set(everything(store.getState().graph)));
      else if (command || !onCanvas) done = false;
      else if (event.key === '?' && open) open('keys');
      else if (key === '0') void flow.fitView({ ...FIT, duration: pace() });
      else if (key === 't' && editable) void tidyAll(flow, store).catch(refused);
      else if (arrow && event.shiftKey) extend(arrow);
      else if (arrow) event.altKey && editable ? nudge(arrow) : walk(arrow);
      else if (event.key === 'Enter' && current) {
        if (!selected.has(current)) onSelect(new Set([current]));
        if (!isNoteKey(current)) enterInspector();
        else if (editable) store.getState().write(current);
      } else if (event.key === 'Escape') onSelect(new Set());
      else if ((event.key === 'Delete' || event.key === 'Backspace') && editable) remove();
      else if (key === 's' && mode === 'design') enterSettings(store);
      else if (key === 'n' && editable)
        store.getState().addNote(freeInView(flow, store.getState().graph));
      else if ((key === 'a' || event.key === '+') && editable) grow();
      else done = false;
      if (done) event.preventDefault();
    };

    const copy = (event: ClipboardEvent) => {
      const state = store.getState();
      if (isTyping(event.target) || selected.size === 0 || window.getSelection()?.toString())
        return;
      event.clipboardData?.setData('text/plain', fragmentText(fragmentOf(state.graph, selected)));
      event.preventDefault();
      if (event.type === 'cut' && editable) state.remove(selected);
    };

    const insert = (event: ClipboardEvent) => {
      if (!editable || isTyping(event.target)) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      const read = readFragment(text, (type) => store.getState().typeOf(type) !== undefined);
      if (!read) return;
      event.preventDefault();
      if ('refused' in read) {
        toastRefused(read.refused, t`Not pasted`);
        return;
      }
      const { fragment } = read;
      const wasEmpty = store.getState().graph.nodes.length === 0;
      store.getState().paste(fragment);
      // Into an empty flow: shown as a whole, once it is drawn.
      if (wasEmpty) {
        requestAnimationFrame(() =>
          requestAnimationFrame(
            () => void flow.fitView({ maxZoom: 1, padding: 0.1, duration: pace() }),
          ),
        );
      }
    };

    document.addEventListener('keydown', press);
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', insert);
    return () => {
      document.removeEventListener('keydown', press);
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', insert);
    };
  }, [flow, mode, offer, onSelect, open, selected, store]);
}

/** Brings a step into sight and gives it the focus when the store asks for it. */
export function useReveal() {
  const { store } = useCanvas();
  const flow = useReactFlow();
  useEffect(
    () =>
      store.subscribe((now, was) => {
        if (!now.wanted || now.wanted === was.wanted) return;
        const { id } = now.wanted;
        // Two frames: one for React to draw a new card, one for React Flow to measure it.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            const at = placeOf(store.getState().graph, id);
            if (!at) return;
            bringIntoSight(flow, at);
            nodeElement(id)?.focus({ preventScroll: true });
          }),
        );
      }),
    [flow, store],
  );
}
