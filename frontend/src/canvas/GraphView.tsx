/** A graph on React Flow: drawn for any mode, changed by hand in design mode. */
import { t } from '@lingui/core/macro';
import '@xyflow/react/dist/base.css';
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type IsValidConnection,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  SelectionMode,
  useReactFlow,
} from '@xyflow/react';
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Graph } from '@/api/types';
import {
  canConnect,
  edgeId,
  NODE_HEIGHT,
  NODE_WIDTH,
  nodeOf,
  type Point,
  readingOrder,
  refusal,
} from '@/model/graph';
import { isNoteKey, placeOf } from '@/model/notes';
import type { Marks } from '@/model/overlay';
import { toastRefused } from '@/ui/toast';
import { useCanvas } from './context';
import { FlowEdge, type StepEdge } from './FlowEdge';
import classes from './GraphView.module.css';
import { NodeCard } from './NodeCard';
import { DRAGGED_TYPE, NOTE } from './Palette';
import { StickyNote } from './StickyNote';
import { FIT } from './tidy';
import { type CanvasNode, isStep, MANY, noteNodes, stepEdges, stepNodes } from './view';
import { ZoomBar } from './ZoomBar';

// Outside the component: a new object here would redraw every card.
const NODE_TYPES = { step: NodeCard, note: StickyNote };
const EDGE_TYPES = { step: FlowEdge };
/** Below this a card cannot be read: a long flow opens at its beginning instead of whole. */
const LEGIBLE = 0.8;
/** Where the first card then stands: below the totals, with the air of a picture. */
const FIRST_Y = 84;
const LABELS = {
  'node.a11yDescription.default': t`Press Enter to open this step, arrow keys to go to the next.`,
  'edge.a11yDescription.default': t`Press Delete to remove this edge.`,
};

export interface GraphViewProps {
  graph: Graph;
  selected: ReadonlySet<string>;
  selectedEdges?: ReadonlySet<string>;
  onSelect: (nodes: Set<string>, edges: Set<string>) => void;
  label: string;
  marks?: Marks;
  onFind?: () => void;
  onKeys?: () => void;
}

export function GraphView({
  graph,
  selected,
  selectedEdges,
  onSelect,
  label,
  marks,
  onFind,
  onKeys,
}: GraphViewProps) {
  const { mode, store, types } = useCanvas();
  const flow = useReactFlow<CanvasNode, StepEdge>();
  const editable = mode === 'design' && !store.getState().readOnly;
  const [map, setMap] = useState(false);
  const [nodes, setNodes] = useState<CanvasNode[]>([]);
  const holder = useRef<HTMLDivElement>(null);
  const typeOf = store.getState().typeOf;

  useEffect(() => {
    setNodes((before) => [
      ...noteNodes(graph, selected, editable, before, marks),
      ...stepNodes(graph, selected, typeOf, before.filter(isStep), marks),
    ]);
  }, [graph, selected, editable, typeOf, marks]);

  const edges = useMemo(
    () => stepEdges(graph, selectedEdges, typeOf, marks),
    [graph, selectedEdges, typeOf, marks],
  );

  const changeNodes = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      setNodes((before) => applyNodeChanges(changes, before));
      const picked = changes.filter((change) => change.type === 'select');
      if (picked.length === 0) return;
      const next = new Set(selected);
      for (const change of picked) {
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      }
      onSelect(next, new Set());
    },
    [onSelect, selected],
  );

  const changeEdges = useCallback(
    (changes: EdgeChange<StepEdge>[]) => {
      if (!editable) return;
      const picked = changes.filter((change) => change.type === 'select');
      if (picked.length === 0) return;
      const next = new Set(selectedEdges);
      for (const change of picked) {
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      }
      onSelect(new Set(), next);
    },
    [editable, onSelect, selectedEdges],
  );

  const dragged = useCallback(
    (_: unknown, __: CanvasNode, moved: CanvasNode[]) => {
      store.getState().move(new Map(moved.map((node) => [node.id, rounded(node.position)])));
    },
    [store],
  );

  const valid: IsValidConnection<StepEdge> = useCallback(
    ({ source, target }) => canConnect(store.getState().graph, { source, target }, typeOf),
    [store, typeOf],
  );

  const connected = useCallback(
    ({ source, sourceHandle, target }: Connection) =>
      store.getState().connect({ node: source, branch: sourceHandle ?? 'next' }, target),
    [store],
  );

  /** Lights the steps an edge may go to while it is pulled. */
  const pull = useCallback(
    (source: string | null) => {
      const current = store.getState().graph;
      setNodes((before) =>
        before.map((node) => ({
          ...node,
          className:
            source === null || source === node.id || !isStep(node)
              ? undefined
              : canConnect(current, { source, target: node.id }, typeOf)
                ? 'may-take'
                : 'may-not',
        })),
      );
    },
    [store, typeOf],
  );

  /** An edge let go over a card, not exactly on its point, means that card. */
  const pulled = useCallback(
    (event: MouseEvent | TouchEvent, { fromHandle, isValid }: FinalConnectionState) => {
      pull(null);
      if (isValid || !fromHandle) return;
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!point) return;
      const over = document
        .elementFromPoint(point.clientX, point.clientY)
        ?.closest<HTMLElement>('.react-flow__node')?.dataset.id;
      if (!over || isNoteKey(over)) return;
      const state = store.getState();
      const why = refusal(state.graph, { source: fromHandle.nodeId, target: over }, typeOf);
      if (why) {
        if (over !== fromHandle.nodeId) toastRefused(why, t`Not connected`);
        return;
      }
      state.connect({ node: fromHandle.nodeId, branch: fromHandle.id ?? 'next' }, over);
    },
    [pull, store, typeOf],
  );

  const over = (event: DragEvent) => {
    if (!editable || !event.dataTransfer.types.includes(DRAGGED_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  };
  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED_TYPE);
    if (!editable || !type) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const state = store.getState();
    const place = rounded({ x: at.x - 120, y: at.y - 28 });
    if (type === NOTE) {
      state.addNote(place);
      return;
    }
    const end = endUnder(event, state.graph, types.get(type)?.group);
    if (end) state.insertAt(type, end);
    else state.addAt(type, place);
  };

  return (
    <div
      ref={holder}
      className={classes.view}
      role="application"
      aria-label={label}
      onFocus={(event) => {
        // Reached by keyboard, a card is chosen as by a click.
        const id = cardOf(event.target);
        if (id && event.target.matches(':focus-visible') && !selected.has(id)) {
          onSelect(new Set([id]), new Set());
        }
      }}
    >
      <ReactFlow<CanvasNode, StepEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onNodeDragStop={dragged}
        onSelectionDragStop={(event, moved) => dragged(event, moved[0] as CanvasNode, moved)}
        onConnect={connected}
        onConnectStart={(_, { nodeId }) => pull(nodeId)}
        onConnectEnd={pulled}
        isValidConnection={valid}
        onDragOver={over}
        onDrop={drop}
        nodesDraggable={editable}
        nodesConnectable={editable}
        edgesFocusable={editable}
        connectOnClick={false}
        connectionRadius={36}
        disableKeyboardA11y
        ariaLabelConfig={LABELS}
        deleteKeyCode={null}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
        onlyRenderVisibleElements={graph.nodes.length > MANY}
        // The wheel goes along the flow, which is long; with Ctrl, or by a pinch, it zooms.
        panOnScroll
        nodeDragThreshold={2}
        minZoom={0.2}
        maxZoom={1.75}
        onInit={(instance) => {
          const [chosen] = selected;
          void openAt(instance, graph, store.getState().wanted?.id ?? chosen);
        }}
        proOptions={{ hideAttribution: true }}
        connectionLineStyle={{ stroke: 'var(--accent)', strokeWidth: 1.75 }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--dot)" />
        {map && (
          <MiniMap
            pannable
            zoomable
            className={classes.map}
            nodeColor={(node: CanvasNode) =>
              isStep(node)
                ? `var(--${types.get(node.data.node.type)?.group ?? 'end'})`
                : 'var(--line-strong)'
            }
            nodeBorderRadius={24}
            maskColor="color-mix(in srgb, var(--bg) 72%, transparent)"
            ariaLabel={t`Small map of the flow`}
          />
        )}
        <ZoomBar
          onFind={onFind}
          onKeys={onKeys}
          map={map}
          onMap={() => setMap((shown) => !shown)}
        />
      </ReactFlow>
    </div>
  );
}

/** The first view: the whole flow if it can be read so, else its beginning, or the chosen step. */
async function openAt(
  instance: ReactFlowInstance<CanvasNode, StepEdge>,
  graph: Graph,
  chosen: string | undefined,
) {
  if (graph.nodes.length === 0) return;
  const pane = document.querySelector('.react-flow');
  const [width, height] = [pane?.clientWidth ?? 800, pane?.clientHeight ?? 600];
  const whole = instance.getNodesBounds(instance.getNodes());
  // Not fitted to find out: a large flow would be drawn as a whole for a moment.
  const fits = Math.min((width - 96) / whole.width, (height - 140) / whole.height);
  if (fits >= LEGIBLE) {
    await instance.fitView(FIT);
    return;
  }
  const first = nodeOf(graph, readingOrder(graph)[0] ?? '')?.position ?? { x: 0, y: 0 };
  const zoom = 0.9;
  const x = width / 2 - (first.x + NODE_WIDTH / 2) * zoom;
  const y = FIRST_Y - first.y * zoom;
  const at = chosen ? placeOf(graph, chosen) : undefined;
  const seen =
    !at ||
    (Math.abs(at.x - first.x) < width / 2 / zoom - NODE_WIDTH &&
      (at.y + NODE_HEIGHT) * zoom + y < height - 60);
  if (seen) await instance.setViewport({ x, y, zoom });
  else await instance.setCenter(at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2, { zoom });
}

const cardOf = (element: Element): string | undefined =>
  element instanceof HTMLElement && element.classList.contains('react-flow__node')
    ? element.dataset.id
    : undefined;

const rounded = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });

/** The edge a step was dropped onto, if it was dropped onto one. */
function endUnder(event: DragEvent, graph: Graph, group: string | undefined) {
  if (group === 'trigger') return null;
  const found = document
    .elementsFromPoint(event.clientX, event.clientY)
    .map((element) => element.closest('.react-flow__edge')?.getAttribute('data-id'))
    .find(Boolean);
  const edge = graph.edges.find((each) => edgeId(each) === found);
  return edge ? { node: edge.source, branch: edge.branch ?? 'next' } : null;
}
