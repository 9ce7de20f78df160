import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Flow, NodeType } from '@/api/types';
import { createCanvasStore } from './store';

const type = (name: string, group: NodeType['group'], branches = ['next']): NodeType => ({
  type: name,
  group,
  branches,
  icon: '',
  title: name,
  description: '',
  config_schema: {},
  defaults: name === 'wait' ? { for: 'PT1H' } : {},
});

const TYPES = [
  type('event', 'trigger'),
  type('wait', 'wait'),
  type('condition', 'condition', ['yes', 'no']),
  type('exit', 'end', []),
];

const FLOW: Flow = {
  key: 'cart',
  name: 'Cart',
  status: 'draft',
  version: null,
  revision: 1,
  graph: { nodes: [], edges: [] },
  settings: {},
  problems: [],
  live_graph: null,
  live_settings: null,
  alert: '',
  created_at: '2026-11-22T10:00:00Z',
  updated_at: '2026-11-22T10:00:00Z',
};

describe('the canvas store', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-22T10:00:00Z') });
    return () => vi.useRealTimers();
  });
  const later = () => vi.advanceTimersByTime(2_000);
  const fresh = () => createCanvasStore(FLOW, TYPES, false);

  it('builds a flow step by step and chooses what was added', () => {
    const store = fresh();
    const event = store.getState().addAt('event', { x: 0, y: 0 });
    const wait = store.getState().insertAt('wait', { node: event, branch: 'next' });
    const { graph, selected } = store.getState();
    expect(graph.edges).toEqual([{ source: 'event', target: 'wait', branch: 'next' }]);
    expect(graph.nodes[1]?.config).toEqual({ for: 'PT1H' });
    expect([...selected]).toEqual([wait]);
  });

  it('undoes and redoes each step, over graph, settings and name', () => {
    const store = fresh();
    store.getState().addAt('event', { x: 0, y: 0 });
    later();
    store.getState().changeSettings({ suppress: ['vip'] });
    later();
    store.getState().rename('Cart flow');
    const { undo, redo } = store.temporal.getState();
    undo();
    expect(store.getState().name).toBe('Cart');
    undo();
    expect(store.getState().settings).toEqual({});
    undo();
    expect(store.getState().graph.nodes).toEqual([]);
    redo();
    redo();
    redo();
    expect(store.getState()).toMatchObject({ name: 'Cart flow', settings: { suppress: ['vip'] } });
  });

  it('takes a word typed in one go for one step', () => {
    const store = fresh();
    for (const name of ['C', 'Ca', 'Car', 'Cart f']) {
      store.getState().rename(name);
      vi.advanceTimersByTime(80);
    }
    store.temporal.getState().undo();
    expect(store.getState().name).toBe('Cart');
  });

  it('does not take choosing or faults for changes', () => {
    const store = fresh();
    store.getState().select(['a']);
    store
      .getState()
      .takeProblems([{ node: null, code: 'no_trigger', detail: 'No trigger.', field: null }]);
    expect(store.temporal.getState().pastStates).toHaveLength(0);
  });

  it('removes what is chosen, nodes and edges', () => {
    const store = fresh();
    const event = store.getState().addAt('event', { x: 0, y: 0 });
    const wait = store.getState().insertAt('wait', { node: event, branch: 'next' });
    store.getState().insertAt('exit', { node: wait, branch: 'next' });
    store.getState().select([], [`${event}:next`]);
    store.getState().removeSelected();
    expect(store.getState().graph.edges).toHaveLength(1);
    store.getState().select([wait]);
    store.getState().removeSelected();
    expect(store.getState().graph.nodes.map((node) => node.id)).toEqual(['event', 'exit']);
  });

  it('brings one’s own work back after theirs was loaded', () => {
    const store = fresh();
    store.getState().addAt('event', { x: 0, y: 0 });
    later();
    store.getState().replace({ name: 'Theirs', graph: { nodes: [], edges: [] }, settings: {} });
    store.temporal.getState().undo();
    expect(store.getState().graph.nodes).toHaveLength(1);
  });

  it('takes each step that was added or removed back by itself, however fast they came', () => {
    const store = fresh();
    store.getState().addAt('event', { x: 0, y: 0 });
    store.getState().addAt('wait', { x: 0, y: 150 });
    store.getState().removeSelected();
    store.temporal.getState().undo();
    expect(store.getState().graph.nodes).toHaveLength(2);
    store.temporal.getState().undo();
    expect(store.getState().graph.nodes).toHaveLength(1);
  });

  it('lays notes down, writes them, and lets go of those without a word', () => {
    const store = fresh();
    const key = store.getState().addNote({ x: 5, y: 6 });
    expect(key).toBe('note/note');
    expect(store.getState().writing).toBe(key);
    store.getState().write(null);
    expect(store.getState().graph.notes).toBeUndefined();

    const again = store.getState().addNote({ x: 5, y: 6 }) as string;
    store.getState().changeNote(again, { text: 'Ask Ada' });
    later();
    store.getState().changeNote(again, { width: 300 });
    store.getState().write(null);
    expect(store.getState().graph.notes).toEqual([
      { id: 'note', text: 'Ask Ada', position: { x: 5, y: 6 }, width: 300 },
    ]);
    store.temporal.getState().undo();
    expect(store.getState().graph.notes?.[0]?.width).toBe(220);
    store.getState().select([again]);
    store.getState().removeSelected();
    expect(store.getState().graph.notes).toBeUndefined();
  });
});
