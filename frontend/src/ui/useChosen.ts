/** The rows of a table that are chosen by their boxes; those that are gone are chosen no more. */
import { useState } from 'react';

export interface Chosen<T> {
  rows: T[];
  has: (id: number) => boolean;
  toggle: (id: number) => void;
  all: boolean;
  setAll: (on: boolean) => void;
}

export function useChosen<T>(rows: readonly T[], idOf: (row: T) => number): Chosen<T> {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const present = rows.filter((row) => ids.has(idOf(row)));
  return {
    rows: present,
    has: (id) => ids.has(id),
    toggle: (id) =>
      setIds((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    all: rows.length > 0 && present.length === rows.length,
    setAll: (on) => setIds(new Set(on ? rows.map(idOf) : [])),
  };
}
