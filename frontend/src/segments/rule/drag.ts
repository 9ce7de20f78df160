/**
 * Dragging a row or a group by its handle, with mouse, finger or pen, to any place in the rule.
 *
 * Pointer events, not the browser's own drag and drop, which fingers do not have. Where it would
 * land is read from what is drawn; whether it may is the rule's own affair (`relocate`).
 */
import { t } from '@lingui/core/macro';
import { type PointerEvent as ReactPointerEvent, useMemo } from 'react';
import { pathKey, type RulePath, ruleAt } from '@/model/ruleEdit';
import { type Place, relocate } from '@/model/ruleMoves';
import { actionsOf, refusal, titleOf } from './actions';
import { type Builder, useBuilder } from './context';

/** So far (pixels) a press is a click. */
const SLACK = 4;
/** So near (pixels) to its border a group is passed by, and not gone into. */
const BORDER = 9;
/** So near (pixels) to the edge of what scrolls it begins to scroll. */
const EDGE = 56;

export const pathOf = (key: string | undefined): RulePath =>
  !key || key === 'root' ? [] : key.split('.').map(Number);

const rowsOf = (group: HTMLElement): HTMLElement[] => [
  ...group.querySelectorAll<HTMLElement>(':scope > ul > li[data-rule-path]'),
];

/** The place at a point of the screen. */
function placeAt(section: HTMLElement, x: number, y: number): Place | null {
  const box = section.getBoundingClientRect();
  const inside = {
    x: Math.min(Math.max(x, box.left + 40), box.right - 40),
    y: Math.min(Math.max(y, box.top + 2), box.bottom - 2),
  };
  const hit = document.elementFromPoint(inside.x, inside.y);
  const group = hit?.closest<HTMLElement>('[data-rule-group]');
  if (!group || !section.contains(group)) return null;
  const item = group.closest<HTMLElement>('li[data-rule-path]');
  if (item) {
    const { top, bottom } = item.getBoundingClientRect();
    const path = pathOf(item.dataset.rulePath);
    const at = path.at(-1) ?? 0;
    if (y < top + BORDER) return { group: path.slice(0, -1), index: at };
    if (y > bottom - BORDER) return { group: path.slice(0, -1), index: at + 1 };
  }
  const path = pathOf(group.dataset.ruleGroup);
  const rows = rowsOf(group);
  const below = rows.findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y < top + height / 2;
  });
  if (below >= 0) return { group: path, index: below };
  return { group: path, index: Number(group.dataset.ruleCount ?? rows.length) };
}

function scroller(element: HTMLElement): HTMLElement {
  for (let each = element.parentElement; each; each = each.parentElement) {
    const { overflowY } = getComputedStyle(each);
    if (/auto|scroll/.test(overflowY) && each.scrollHeight > each.clientHeight) return each;
  }
  return document.documentElement;
}

/** How far to scroll at this height, in pixels for each frame. */
function pull(area: HTMLElement, y: number): number {
  const { top, bottom } = area.getBoundingClientRect();
  const [upper, lower] = [Math.max(top, 0) + EDGE, Math.min(bottom, window.innerHeight) - EDGE];
  if (y < upper) return -Math.ceil((upper - y) / 5);
  return y > lower ? Math.ceil((y - lower) / 5) : 0;
}

/** Follows one press of a handle until it is let go. */
function begin(builder: Builder, path: RulePath, pressed: ReactPointerEvent<HTMLElement>) {
  const { store, say, names } = builder;
  const section = pressed.currentTarget.closest<HTMLElement>('[data-rule-builder]');
  if (!section) return;
  const start = { x: pressed.clientX, y: pressed.clientY };
  const area = scroller(section);
  let last = start;
  let frame = 0;
  let ghost: HTMLElement | null = null;

  const aim = () => {
    ghost?.style.setProperty('transform', `translate(${last.x + 12}px, ${last.y + 8}px)`);
    const place = placeAt(section, last.x, last.y);
    const moved = place && relocate(builder.root(), path, place);
    const fits = moved && !refusal(builder.root(), moved.root);
    const before = store.getState().drop;
    const drop = fits ? place : null;
    const same =
      before && drop
        ? before.index === drop.index && pathKey(before.group) === pathKey(drop.group)
        : before === drop;
    if (!same) store.setState({ drop });
  };
  const scroll = () => {
    const by = pull(area, last.y);
    if (by !== 0) {
      area.scrollBy(0, by);
      aim();
    }
    frame = requestAnimationFrame(scroll);
  };
  const lift = () => {
    const rule = ruleAt(builder.root(), path);
    const words = rule ? titleOf(rule, names) : '';
    builder.setOpen(null);
    store.setState({ dragged: path });
    say(t`Dragging ${words}. Escape leaves it where it was.`);
    ghost = document.createElement('div');
    ghost.className = 'rule-ghost';
    ghost.textContent = words;
    document.body.append(ghost);
    frame = requestAnimationFrame(scroll);
  };
  const move = (event: PointerEvent) => {
    last = { x: event.clientX, y: event.clientY };
    if (!ghost && Math.hypot(last.x - start.x, last.y - start.y) < SLACK) return;
    if (!ghost) lift();
    aim();
  };
  const end = (drops: boolean) => {
    cancelAnimationFrame(frame);
    ghost?.remove();
    listening.abort();
    const { drop } = store.getState();
    if (!ghost) return;
    store.setState({ dragged: null, drop: null });
    window.addEventListener('click', (event) => event.stopPropagation(), {
      capture: true,
      once: true,
      signal: AbortSignal.timeout(50),
    });
    if (drops && drop) actionsOf(builder).moveTo(path, drop);
    else say(t`It stays where it was.`);
  };
  const listening = new AbortController();
  const { signal } = listening;
  window.addEventListener('pointermove', move, { signal });
  window.addEventListener('pointerup', () => end(true), { signal });
  window.addEventListener('pointercancel', () => end(false), { signal });
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || !ghost) return;
      event.preventDefault();
      event.stopPropagation();
      end(false);
    },
    { signal, capture: true },
  );
}

/** What a handle listens to. */
export function useDragHandle(path: RulePath) {
  const builder = useBuilder();
  const key = pathKey(path);
  return useMemo(
    () => ({
      onPointerDown: (event: ReactPointerEvent<HTMLElement>) => {
        if (event.button === 0) begin(builder, pathOf(key), event);
      },
    }),
    [builder, key],
  );
}
