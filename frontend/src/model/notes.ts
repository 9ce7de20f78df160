/**
 * Notes lying on the canvas beside the steps. Pure.
 *
 * Where steps and notes are spoken of together (what is chosen, where things lie), a note goes by
 * its key, which no step can have as its id.
 */
import type { Graph, Note } from '@/api/types';
import type { Point } from './graph';

const PREFIX = 'note/';
export const NOTE_WIDTH = 220;
export const NOTE_NARROWEST = 120;
export const NOTE_WIDEST = 800;
export const MOST_NOTES = 200;
export const LONGEST_NOTE = 5000;

const NONE: Note[] = [];

export const noteKey = (id: string): string => PREFIX + id;
export const isNoteKey = (key: string): boolean => key.startsWith(PREFIX);

export const notesOf = (graph: Graph): Note[] => graph.notes ?? NONE;

export const noteOf = (graph: Graph, key: string): Note | undefined =>
  isNoteKey(key) ? notesOf(graph).find((note) => noteKey(note.id) === key) : undefined;

/** Where a step or a note lies. */
export const placeOf = (graph: Graph, key: string): Point | undefined =>
  isNoteKey(key)
    ? noteOf(graph, key)?.position
    : graph.nodes.find((node) => node.id === key)?.position;

/** The keys of all that can be chosen. */
export const everything = (graph: Graph): string[] => [
  ...graph.nodes.map((node) => node.id),
  ...notesOf(graph).map((note) => noteKey(note.id)),
];

/** The graph with its notes changed; without any it has no list of them. */
export function withNotes(graph: Graph, notes: Note[]): Graph {
  if (notes.length > 0) return { ...graph, notes };
  const { notes: _, ...rest } = graph;
  return rest;
}

export function changeNote(
  graph: Graph,
  key: string,
  change: Partial<Pick<Note, 'text' | 'width'>>,
): Graph {
  const id = noteOf(graph, key)?.id;
  if (id === undefined) return graph;
  return withNotes(
    graph,
    notesOf(graph).map((note) => (note.id === id ? { ...note, ...change } : note)),
  );
}

/**
 * Where notes go when steps are moved to new places: each stays beside the step it lay nearest to.
 */
export function carried(graph: Graph, moved: ReadonlyMap<string, Point>): Map<string, Point> {
  const places = new Map(moved);
  const steps = graph.nodes.flatMap(({ id, position }) => (position ? [{ id, position }] : []));
  for (const note of notesOf(graph)) {
    const at = note.position;
    if (!at || places.has(noteKey(note.id))) continue;
    let near: { id: string; position: Point; far: number } | undefined;
    for (const step of steps) {
      const far = Math.hypot(step.position.x - at.x, step.position.y - at.y);
      if (!near || far < near.far) near = { ...step, far };
    }
    const to = near && moved.get(near.id);
    if (!near || !to) continue;
    places.set(noteKey(note.id), {
      x: at.x + to.x - near.position.x,
      y: at.y + to.y - near.position.y,
    });
  }
  return places;
}

/** A note's text in one line, for lists and for who listens. */
export function noteWords(text: string, most = 60): string {
  const line = text.trim().replace(/\s+/g, ' ');
  const characters = [...line];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
