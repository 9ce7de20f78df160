/** The builder by keyboard: walking between the rows, moving them, and the clipboard. */
import { t } from '@lingui/core/macro';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import type { RulePath } from '@/model/ruleEdit';
import type { Direction } from '@/model/ruleMoves';
import { actionsOf, copiedText } from './actions';
import type { Builder } from './context';
import { pathOf } from './drag';

/** What the help says, and what the code below does. */
export const SHORTCUTS: readonly { keys: string; does: string }[] = [
  { keys: '↑ ↓', does: t`Go to the row above or below` },
  { keys: '← →', does: t`Go along a row` },
  { keys: 'Alt ↑ ↓', does: t`Move up or down` },
  { keys: 'Alt →', does: t`Move into the group beside it` },
  { keys: 'Alt ←', does: t`Move out of its group` },
  { keys: 'Ctrl D', does: t`Duplicate` },
  { keys: 'Ctrl G', does: t`Put in a group of its own` },
  { keys: 'Ctrl Shift G', does: t`Dissolve the group` },
  { keys: 'Ctrl C, X, V', does: t`Copy, cut, paste` },
  { keys: t({ message: 'Delete', context: 'a key of the keyboard' }), does: t`Remove` },
  { keys: 'Ctrl Z', does: t`Undo` },
  { keys: 'Ctrl Shift Z', does: t`Redo` },
];

const DIRECTIONS: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowRight: 'in',
  ArrowLeft: 'out',
};

/** The row or group that an event happened in; null elsewhere, in an open editor too. */
function itemOf(event: { target: EventTarget; currentTarget: HTMLElement }): HTMLElement | null {
  const { target, currentTarget } = event;
  if (!(target instanceof Element) || !currentTarget.contains(target)) return null;
  return target.closest<HTMLElement>('[data-rule-path]');
}

const gripsOf = (section: HTMLElement): HTMLElement[] => [
  ...section.querySelectorAll<HTMLElement>('[data-grip]'),
];

/** To the next row's handle. */
function walk(section: HTMLElement, item: HTMLElement | null, by: -1 | 1): boolean {
  const grips = gripsOf(section);
  const here = item?.querySelector<HTMLElement>('[data-grip]');
  const next = here ? grips[grips.indexOf(here) + by] : grips[by === 1 ? 0 : grips.length - 1];
  next?.focus();
  return Boolean(next);
}

/** To the next button of the same row. */
function walkAlong(item: HTMLElement, target: Element, by: -1 | 1): boolean {
  const line = item.querySelector('[data-rule-line]');
  const buttons = line ? [...line.querySelectorAll<HTMLElement>('button:not(:disabled)')] : [];
  const at = buttons.indexOf(target as HTMLElement);
  const next = at < 0 ? undefined : buttons[at + by];
  next?.focus();
  return Boolean(next);
}

function withControl(builder: Builder, event: KeyboardEvent, path: RulePath | null): boolean {
  const actions = actionsOf(builder);
  const key = event.key.toLowerCase();
  if (key === 'z') {
    if (event.shiftKey) builder.redo();
    else builder.undo();
    return true;
  }
  if (key === 'y') {
    builder.redo();
    return true;
  }
  if (!path) return false;
  if (key === 'd') actions.duplicate(path);
  else if (key === 'g' && event.shiftKey) {
    const isGroupItem =
      event.target instanceof Element && event.target.closest('[data-group-head]');
    actions.dissolve(isGroupItem ? path : path.slice(0, -1));
  } else if (key === 'g') actions.wrap(path);
  else return false;
  return true;
}

export function onRuleKey(builder: Builder, event: KeyboardEvent<HTMLElement>): void {
  const inside = event.target instanceof Node && event.currentTarget.contains(event.target);
  if (builder.readOnly || !inside || event.defaultPrevented) return;
  const item = itemOf(event);
  const path = item ? pathOf(item.dataset.rulePath) : null;
  const control = event.ctrlKey || event.metaKey;
  const direction = DIRECTIONS[event.key];
  let done = false;
  if (control && !event.altKey) done = withControl(builder, event, path);
  else if (control) done = false;
  else if (event.altKey && direction && path) {
    actionsOf(builder).step(path, direction);
    done = true;
  } else if (event.altKey || event.shiftKey) done = false;
  else if (direction === 'up') done = walk(event.currentTarget, item, -1);
  else if (direction === 'down') done = walk(event.currentTarget, item, 1);
  else if (direction && item && event.target instanceof Element) {
    done = walkAlong(item, event.target, direction === 'in' ? 1 : -1);
  } else if (event.key === 'Delete' && path) {
    actionsOf(builder).remove(path);
    done = true;
  }
  if (done) {
    event.preventDefault();
    event.stopPropagation();
  }
}

const hasSelection = (): boolean => !(window.getSelection()?.isCollapsed ?? true);

/** Copying and cutting the row with the focus; text that is selected is copied as text. */
export function onRuleCopy(builder: Builder, event: ClipboardEvent<HTMLElement>, cut: boolean) {
  const item = itemOf(event);
  if (!item || hasSelection()) return;
  const path = pathOf(item.dataset.rulePath);
  const actions = actionsOf(builder);
  actions.copy(path);
  event.clipboardData.setData('text/plain', copiedText() ?? '');
  event.preventDefault();
  if (cut && !builder.readOnly) actions.remove(path);
}

export function onRulePaste(builder: Builder, event: ClipboardEvent<HTMLElement>) {
  const inside = event.target instanceof Node && event.currentTarget.contains(event.target);
  if (builder.readOnly || !inside) return;
  const item = itemOf(event);
  const text = event.clipboardData.getData('text/plain') || copiedText();
  actionsOf(builder).paste(item ? pathOf(item.dataset.rulePath) : [], text);
  event.preventDefault();
}
