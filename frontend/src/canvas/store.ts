/**
 * One store per canvas: the draft, what is chosen, and every change that can be made.
 *
 * The document (name, graph, settings) is what undo and redo go over; nothing else is. Components
 * read with selectors and change only by the actions here.
 */
import { temporal } from 'zundo';
import { createStore, type StoreApi } from 'zustand';
import type { Flow, FlowSettings, Graph, JsonObject, NodeType, Problem } from '@/api/types';
import { paste } from '@/model/fragment';
import * as graphs from '@/model/graph';
import { merge } from '@/model/merge';
import * as notes from '@/model/notes';

export interface FlowDocument {
  name: string;
  graph: Graph;
  settings: FlowSettings;
}

export interface CanvasState extends FlowDocument {
  key: string;
  types: ReadonlyMap<string, NodeType>;
  readOnly: boolean;
  /** The chosen steps by their ids, and the chosen notes by their keys. */
  selected: ReadonlySet<string>;
  selectedEdges: ReadonlySet<string>;
  /** The note that is being written, by its key. */
  writing: string | null;
  problems: Problem[];
  /** A node that the view shall bring into sight and focus, and how often that was asked. */
  wanted: { id: string; count: number } | null;

  typeOf: graphs.TypeLookup;
  rename: (name: string) => void;
  addAt: (type: string, position: graphs.Point, config?: JsonObject) => string;
  insertAt: (type: string, end: graphs.OpenEnd, config?: JsonObject) => string;
  connect: (end: graphs.OpenEnd, target: string) => void;
  disconnect: (end: graphs.OpenEnd) => void;
  configure: (id: string, config: JsonObject) => void;
  annotate: (id: string, note: string) => void;
  /** Lays a new note down, to be written; null where there are too many. */
  addNote: (position: graphs.Point) => string | null;
  changeNote: (key: string, change: { text?: string; width?: number }) => void;
  /** Begins writing a note, or ends it: one without a word then goes away. */
  write: (key: string | null) => void;
  move: (positions: ReadonlyMap<string, graphs.Point>) => void;
  removeSelected: () => void;
  remove: (ids: Iterable<string>) => void;
  paste: (fragment: Graph, offset?: graphs.Point) => void;
  changeSettings: (settings: FlowSettings) => void;
  replace: (document: FlowDocument) => void;
  /** Takes in what others changed: no step of undo, and undo does not take it back. */
  adopt: (document: FlowDocument, base: FlowDocument, theirs: FlowDocument) => void;

  select: (ids: Iterable<string>, edges?: Iterable<string>) => void;
  reveal: (id: string) => void;
  takeProblems: (problems: Problem[]) => void;
}

type Undoable = Pick<CanvasState, 'name' | 'graph' | 'settings'>;

const NONE: ReadonlySet<string> = new Set();
/** Changes to one text or number within this time are one step of undo. */
const SAME_STEP = 600;

export function createCanvasStore(flow: Flow, types: NodeType[], readOnly: boolean) {
  const byType = new Map(types.map((type) => [type.type, type]));
  const typeOf: graphs.TypeLookup = (type) => byType.get(type);

  const store = createStore<CanvasState>()(
    temporal(
      (set, get) => ({
        key: flow.key,
        name: flow.name,
        graph: graphs.placeMissing(flow.graph),
        settings: flow.settings,
        types: byType,
        readOnly,
        selected: NONE,
        selectedEdges: NONE,
        writing: null,
        problems: flow.problems,
        wanted: null,
        typeOf,

        rename: (name) => set({ name }),
        addAt: (type, position, config) => {
          const node = graphs.makeNode(
            get().graph,
            type,
            config ?? defaults(byType, type),
            position,
          );
          set(({ graph }) => ({
            graph: { ...graph, nodes: [...graph.nodes, node] },
            selected: new Set([node.id]),
            selectedEdges: NONE,
          }));
          return node.id;
        },
        insertAt: (type, end, config) => {
          const { graph } = get();
          const edge = graph.edges.find(
            (each) => graphs.edgeId(each) === `${end.node}:${end.branch}`,
          );
          const target = edge && graphs.nodeOf(graph, edge.target)?.position;
          const below = graphs.placeBelow(graph, end, typeOf);
          const place = target ? { x: target.x, y: below.y } : below;
          const node = graphs.makeNode(graph, type, config ?? defaults(byType, type), place);
          set({
            graph: graphs.insertAt(graph, end, node, typeOf),
            selected: new Set([node.id]),
            selectedEdges: NONE,
          });
          return node.id;
        },
        connect: (end, target) =>
          set(({ graph }) => ({ graph: graphs.connect(graph, end, target) })),
        disconnect: (end) => set(({ graph }) => ({ graph: graphs.disconnect(graph, end) })),
        configure: (id, config) =>
          set(({ graph }) => ({ graph: graphs.configure(graph, id, config, typeOf) })),
        annotate: (id, note) =>
          set(({ graph }) => ({
            graph: {
              ...graph,
              nodes: graph.nodes.map((node) => (node.id === id ? { ...node, note } : node)),
            },
          })),
        addNote: (position) => {
          const { graph } = get();
          const present = notes.notesOf(graph);
          if (present.length >= notes.MOST_NOTES) return null;
          const id = graphs.newId(new Set(present.map((note) => note.id)), 'note');
          const key = notes.noteKey(id);
          set({
            graph: notes.withNotes(graph, [
              ...present,
              { id, text: '', position, width: notes.NOTE_WIDTH },
            ]),
            selected: new Set([key]),
            selectedEdges: NONE,
            writing: key,
          });
          return key;
        },
        changeNote: (key, change) =>
          set(({ graph }) => ({ graph: notes.changeNote(graph, key, change) })),
        write: (key) => {
          const { writing, graph, selected } = get();
          const left = writing !== key && writing ? notes.noteOf(graph, writing) : undefined;
          if (left?.text.trim() !== '') {
            set({ writing: key });
            return;
          }
          const gone = notes.noteKey(left.id);
          set({
            graph: graphs.removeNodes(graph, [gone]),
            selected: new Set([...selected].filter((each) => each !== gone)),
            writing: key,
          });
        },
        move: (positions) => set(({ graph }) => ({ graph: graphs.moveNodes(graph, positions) })),
        removeSelected: () => {
          const { selected, selectedEdges, graph } = get();
          if (selected.size === 0 && selectedEdges.size === 0) return;
          const cut = graphs.removeEdges(graph, selectedEdges);
          set({
            graph: graphs.removeNodes(cut, selected),
            selected: NONE,
            selectedEdges: NONE,
          });
        },
        remove: (ids) =>
          set(({ graph }) => ({ graph: graphs.removeNodes(graph, ids), selected: NONE })),
        paste: (fragment, offset = { x: 40, y: 40 }) => {
          const { graph, ids } = paste(get().graph, fragment, offset);
          set({ graph, selected: new Set(ids), selectedEdges: NONE });
        },
        changeSettings: (settings) => set({ settings }),
        replace: ({ name, graph, settings }) =>
          set({
            name,
            graph: graphs.placeMissing(graph),
            settings,
            selected: NONE,
            selectedEdges: NONE,
          }),

        adopt: (document, base, theirs) => {
          const history = store.temporal.getState();
          const graph = graphs.placeMissing(document.graph);
          const there = new Set(notes.everything(graph));
          history.pause();
          set(({ selected }) => ({
            name: document.name,
            graph,
            settings: document.settings,
            selected: new Set([...selected].filter((id) => there.has(id))),
            selectedEdges: NONE,
          }));
          history.resume();
          const rebased = (past: Partial<Undoable>) =>
            merge(base, past as FlowDocument, theirs).document;
          store.temporal.setState(({ pastStates, futureStates }) => ({
            pastStates: pastStates.map(rebased),
            futureStates: futureStates.map(rebased),
          }));
        },

        select: (ids, edges = NONE) => {
          const selected = new Set(ids);
          const selectedEdges = new Set(edges);
          const now = get();
          if (sameSet(now.selected, selected) && sameSet(now.selectedEdges, selectedEdges)) return;
          set({ selected, selectedEdges });
        },
        reveal: (id) =>
          set(({ wanted }) => ({
            selected: new Set([id]),
            selectedEdges: NONE,
            wanted: { id, count: (wanted?.count ?? 0) + 1 },
          })),
        takeProblems: (problems) => set({ problems }),
      }),
      {
        limit: 200,
        partialize: ({ name, graph, settings }): Undoable => ({ name, graph, settings }),
        equality: (a, b) => a.name === b.name && a.graph === b.graph && a.settings === b.settings,
        // zundo types its recorder as a setState, which it is not.
        handleSet: (record) => inSteps(record as unknown as Recorder),
      },
    ),
  );
  return store;
}

export type CanvasStore = ReturnType<typeof createCanvasStore>;
export type PlainCanvasStore = StoreApi<CanvasState>;

/**
 * Records the first of changes that follow one another closely, so a typed word is one step. What
 * adds or takes away a step, a way or a note is always one of its own.
 */
function inSteps(record: Recorder): Recorder {
  let last = 0;
  return (past, replace, current) => {
    const now = Date.now();
    const { graph } = current as Undoable;
    const before = (past as Undoable).graph;
    if (now - last > SAME_STEP || shapeOf(graph) !== shapeOf(before)) {
      record(past, replace, current);
    }
    last = now;
  };
}

type Recorder = (past: unknown, replace: unknown, current: unknown) => void;

const shapeOf = (graph: Graph): string =>
  [graph.nodes.length, graph.edges.length, notes.notesOf(graph).length].join(' ');

function defaults(types: ReadonlyMap<string, NodeType>, type: string): JsonObject {
  return types.get(type)?.defaults ?? {};
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
