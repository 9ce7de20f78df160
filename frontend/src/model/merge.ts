/**
 * Two people's changes to one draft, put together: a three-way merge, step by step.
 *
 * What only one of them changed is taken from them. What both changed differently is a conflict,
 * of which each is said in full; until somebody chooses, `mine` stands. Where both only moved a
 * step, mine stands too and nobody is asked.
 */
import type { FlowSettings, Graph, GraphEdge, GraphNode, Note } from '@/api/types';
import { branchOf, edgeId, newId } from './graph';
import { NOTE_WIDTH, notesOf, withNotes } from './notes';

export interface Document {
  name: string;
  graph: Graph;
  settings: FlowSettings;
}

export type Side = 'mine' | 'theirs';

export type Conflict = { id: string } & (
  | { kind: 'node'; mine: GraphNode | null; theirs: GraphNode | null }
  | {
      kind: 'edge';
      end: { node: string; branch: string };
      mine: string | null;
      theirs: string | null;
    }
  | { kind: 'note'; mine: Note | null; theirs: Note | null }
  | { kind: 'setting'; key: string; mine: unknown; theirs: unknown }
  | { kind: 'name'; mine: string; theirs: string }
);

export interface Merged {
  document: Document;
  conflicts: Conflict[];
  /** How many steps, ways and settings were taken from the others. */
  taken: number;
}

/** Equal as data: the order of keys does not matter, and neither does what is empty. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same step, wherever it is drawn. */
const saysSame = (a: GraphNode, b: GraphNode): boolean =>
  a === b || (a.type === b.type && same(a.config, b.config) && same(a.note, b.note));

const byId = (graph: Graph): Map<string, GraphNode> =>
  new Map(graph.nodes.map((node) => [node.id, node]));

const notesById = (graph: Graph): Map<string, Note> =>
  new Map(notesOf(graph).map((note) => [note.id, note]));

const byEnd = (graph: Graph): Map<string, GraphEdge> =>
  new Map(graph.edges.map((edge) => [edgeId(edge), edge]));

export function merge(
  base: Document,
  mine: Document,
  theirs: Document,
  choices: ReadonlyMap<string, Side> = new Map(),
): Merged {
  const work = new Merging(choices);
  const own = apart(base.graph, mine.graph, theirs.graph);
  const nodes = work.nodes(base.graph, own, theirs.graph);
  const there = new Set(nodes.map((node) => node.id));
  const edges = work
    .edges(base.graph, own, theirs.graph)
    .filter((edge) => there.has(edge.source) && there.has(edge.target));
  const notes = work.notes(base.graph, own, theirs.graph);
  const settings = work.settings(base.settings, mine.settings, theirs.settings);
  const name = work.pick(
    { id: 'name', kind: 'name', mine: mine.name, theirs: theirs.name },
    [base.name, mine.name, theirs.name],
    same,
  );
  return {
    document: { name: name ?? mine.name, graph: withNotes({ nodes, edges }, notes), settings },
    conflicts: work.conflicts,
    taken: work.taken,
  };
}

class Merging {
  readonly conflicts: Conflict[] = [];
  taken = 0;
  private readonly choices: ReadonlyMap<string, Side>;

  constructor(choices: ReadonlyMap<string, Side>) {
    this.choices = choices;
  }

  /** Which of three stands; `conflict` is noted where both sides changed it differently. */
  pick<T>(conflict: Conflict, [base, mine, theirs]: [T, T, T], equal: (a: T, b: T) => boolean): T {
    if (equal(base, theirs) || equal(mine, theirs)) return mine;
    if (equal(base, mine)) {
      this.taken += 1;
      return theirs;
    }
    this.conflicts.push(conflict);
    return this.choices.get(conflict.id) === 'theirs' ? theirs : mine;
  }

  nodes(base: Graph, mine: Graph, theirs: Graph): GraphNode[] {
    const [was, own, other] = [byId(base), byId(mine), byId(theirs)];
    const ids = [...own.keys(), ...[...other.keys()].filter((id) => !own.has(id))];
    return ids.flatMap((id) => {
      const three = [was.get(id) ?? null, own.get(id) ?? null, other.get(id) ?? null] as const;
      const [before, my, their] = three;
      const conflict: Conflict = { id: `node ${id}`, kind: 'node', mine: my, theirs: their };
      const node = this.pick<GraphNode | null>(conflict, [...three], (a, b) =>
        a && b ? saysSame(a, b) : a === b,
      );
      if (!node) return [];
      const moved = my && !same(my.position, before?.position);
      const position = moved ? my.position : (their?.position ?? my?.position);
      return [position === node.position ? node : { ...node, position }];
    });
  }

  edges(base: Graph, mine: Graph, theirs: Graph): GraphEdge[] {
    const [was, own, other] = [byEnd(base), byEnd(mine), byEnd(theirs)];
    const ids = [...own.keys(), ...[...other.keys()].filter((id) => !own.has(id))];
    return ids.flatMap((id) => {
      const known = own.get(id) ?? other.get(id);
      if (!known) return [];
      const target = (edges: Map<string, GraphEdge>) => edges.get(id)?.target ?? null;
      const [my, their] = [target(own), target(other)];
      const end = { node: known.source, branch: branchOf(known) };
      const conflict: Conflict = { id: `edge ${id}`, kind: 'edge', end, mine: my, theirs: their };
      const to = this.pick(conflict, [target(was), my, their], (a, b) => a === b);
      return to === null ? [] : [to === known.target ? known : { ...known, target: to }];
    });
  }

  notes(base: Graph, mine: Graph, theirs: Graph): Note[] {
    const [was, own, other] = [notesById(base), notesById(mine), notesById(theirs)];
    const ids = [...own.keys(), ...[...other.keys()].filter((id) => !own.has(id))];
    return ids.flatMap((id) => {
      const [before, my, their] = [was.get(id) ?? null, own.get(id) ?? null, other.get(id) ?? null];
      const conflict: Conflict = { id: `note ${id}`, kind: 'note', mine: my, theirs: their };
      const note = this.pick<Note | null>(conflict, [before, my, their], (a, b) =>
        a && b ? a.text === b.text : a === b,
      );
      if (!note) return [];
      const moved = my && !same(placeAndWidth(my), before && placeAndWidth(before));
      return [{ ...note, ...placeAndWidth(moved ? my : (their ?? my ?? note)) }];
    });
  }

  settings(base: FlowSettings, mine: FlowSettings, theirs: FlowSettings): FlowSettings {
    const [was, own, other] = [base, mine, theirs].map(
      (each) => each as unknown as Record<string, unknown>,
    ) as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
    const keys = [...new Set([...Object.keys(own), ...Object.keys(other)])];
    const entries = keys.map((key) => {
      const conflict: Conflict = {
        id: `setting ${key}`,
        kind: 'setting',
        key,
        mine: own[key],
        theirs: other[key],
      };
      return [key, this.pick(conflict, [was[key], own[key], other[key]], same)] as const;
    });
    return Object.fromEntries(
      entries.filter(([, value]) => value !== undefined),
    ) as unknown as FlowSettings;
  }
}

const placeAndWidth = ({ position, width }: Note): Partial<Note> => ({
  ...(position && { position }),
  width: width ?? NOTE_WIDTH,
});

/** My graph with new ids for new steps whose ids the others gave to new steps of theirs. */
function apart(base: Graph, mine: Graph, theirs: Graph): Graph {
  const [was, other] = [byId(base), byId(theirs)];
  const taken = new Set([...other.keys(), ...mine.nodes.map((node) => node.id)]);
  const renamed = new Map<string, string>();
  for (const node of mine.nodes) {
    const twin = other.get(node.id);
    if (was.has(node.id) || !twin || (saysSame(node, twin) && same(node.position, twin.position)))
      continue;
    const id = newId(taken, node.type);
    taken.add(id);
    renamed.set(node.id, id);
  }
  const notes = notesApart(base, mine, theirs);
  if (renamed.size === 0) return notes === notesOf(mine) ? mine : withNotes(mine, notes);
  const now = (id: string) => renamed.get(id) ?? id;
  const nodes = mine.nodes.map((node) =>
    renamed.has(node.id) ? { ...node, id: now(node.id) } : node,
  );
  const edges = mine.edges.map((edge) => ({
    ...edge,
    source: now(edge.source),
    target: now(edge.target),
  }));
  return withNotes({ nodes, edges }, notes);
}

/** The same for new notes. */
function notesApart(base: Graph, mine: Graph, theirs: Graph): Note[] {
  const [was, other] = [notesById(base), notesById(theirs)];
  const own = notesOf(mine);
  const taken = new Set([...other.keys(), ...own.map((note) => note.id)]);
  const apart = own.map((note) => {
    const twin = other.get(note.id);
    if (was.has(note.id) || !twin || same(note, twin)) return note;
    const id = newId(taken, 'note');
    taken.add(id);
    return { ...note, id };
  });
  return apart.some((note, index) => note !== own[index]) ? apart : own;
}
