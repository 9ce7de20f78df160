/**
 * What the browser adds to a node type: its icon, its words on the card, its form.
 *
 * Palette, branches, defaults and the schema come from the server; this is only how a type looks
 * and is filled in. A type the browser does not know falls back to `generic`.
 */
import type { ComponentType } from 'react';
import type { Graph, GraphNode, JsonObject, Problem } from '@/api/types';
import type { RuleNames } from '@/model/rule';
import { sentence } from '@/ui/format';

/** Names of things by key, as far as they are loaded; an unknown key is its own name. */
export interface Names extends RuleNames {
  segment: (key: string | undefined) => string;
  template: (key: string | undefined) => string;
  topic: (key: string | undefined) => string;
  flow: (key: string | undefined) => string;
  field: (key: string | undefined) => string;
  /** "dynamic", "static", "growing". */
  segmentKind: (key: string | undefined) => string | undefined;
}

export interface CardWords {
  /** What the step does, in one sentence: "Wait 1 hour". */
  title: string;
  /** One quiet line below it. */
  sub?: string;
}

export interface FormProps<C> {
  config: C;
  onChange: (config: C) => void;
  /** What is wrong at this node. */
  faults: Problem[];
  node: GraphNode;
  graph: Graph;
  readOnly: boolean;
}

export type IconType = ComponentType<{ size?: number; stroke?: number }>;

export interface NodeKind<C = JsonObject> {
  icon: IconType;
  words: (config: C, names: Names) => CardWords;
  form: ComponentType<FormProps<C>> | null;
}

/**
 * Enters a kind into the registry. Configs are JSON checked by the server's schema; here, and only
 * here, one is taken for the shape its own folder declares.
 */
export const kind = <C>(of: NodeKind<C>): NodeKind => of as unknown as NodeKind;

/** The fault at one field of a form, as one sentence. */
export function faultAt(faults: Problem[], field: string): string | undefined {
  const found = faults.filter(
    (fault) => fault.field === field || fault.field?.startsWith(`${field}.`),
  );
  return found.length > 0 ? found.map((fault) => sentence(fault.detail)).join(' ') : undefined;
}

/** A config without what was left empty: the server refuses keys that say nothing. */
export function compact<C extends object>(config: C): C {
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== undefined && value !== ''),
  ) as C;
}
