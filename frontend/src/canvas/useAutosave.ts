/**
 * Keeps the draft saved: a moment after each change, with the revision it was based on.
 *
 * What is not saved yet also lies in the browser's storage, so a crashed tab loses nothing. What
 * somebody else saved meanwhile is merged in, step by step; where both changed the same thing, saving
 * stops until the person has chosen.
 */
import { plural, t } from '@lingui/core/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, get, put, url } from '@/api/client';
import type { Flow } from '@/api/types';
import { type Conflict, merge, type Side } from '@/model/merge';
import { toast } from '@/ui/toast';
import type { CanvasStore, FlowDocument } from './store';

export type SaveState = 'saved' | 'dirty' | 'saving' | 'conflict' | 'failed';

const PAUSE = 700;
const RETRY = 5_000;
/** So long after a change at most, it lies in the browser's storage. */
const BACKUP = 120;

const storageKey = (key: string) => `millrace:draft:${key}`;

export interface Backup {
  revision: number;
  document: FlowDocument;
  /** The draft as the server had it, from which the changes were made. */
  base: FlowDocument;
}

/** What somebody else saved, where it collides with what was done here. */
export interface Collision {
  theirs: Flow;
  conflicts: Conflict[];
}

export function readBackup(key: string): Backup | null {
  try {
    const text = localStorage.getItem(storageKey(key));
    const found = text ? (JSON.parse(text) as Partial<Backup>) : null;
    return found?.document?.graph && found.base?.graph ? (found as Backup) : null;
  } catch {
    return null;
  }
}

export function dropBackup(key: string): void {
  localStorage.removeItem(storageKey(key));
}

function writeBackup(key: string, backup: Backup): void {
  try {
    localStorage.setItem(storageKey(key), JSON.stringify(backup));
  } catch {
    // A full storage costs the safety net, not the work: the server's copy is the one that counts.
  }
}

const documentOf = (store: CanvasStore): FlowDocument => {
  const { name, graph, settings } = store.getState();
  return { name, graph, settings };
};

const asDocument = ({ name, graph, settings }: Flow): FlowDocument => ({ name, graph, settings });

export interface Autosave {
  state: SaveState;
  collision: Collision | null;
  /** Saves what is open at once; answers when it is saved. */
  flush: () => Promise<void>;
  /** Ends a collision; what is not named stays as it is here. */
  settle: (choices: ReadonlyMap<string, Side>) => Promise<void>;
  /** Brings back what a tab that ended had not saved, put together with what was saved since. */
  recover: (backup: Backup) => void;
}

export function useAutosave(store: CanvasStore, flow: Flow, enabled: boolean): Autosave {
  const client = useQueryClient();
  const [state, setState] = useState<SaveState>('saved');
  const [collision, setCollision] = useState<Collision | null>(null);
  const revision = useRef(flow.revision);
  /** The draft as the server has it at `revision`, and as it was here when that was so. */
  const base = useRef<FlowDocument>(asDocument(flow));
  const saved = useRef<FlowDocument>(documentOf(store));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<Promise<void> | null>(null);
  const stopped = useRef(false);
  const { key } = flow;

  const unsaved = useCallback(() => {
    const now = documentOf(store);
    const was = saved.current;
    return now.name !== was.name || now.graph !== was.graph || now.settings !== was.settings;
  }, [store]);

  const later = useCallback((pause: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void run.current(), pause);
  }, []);

  /** Puts what somebody else saved and what was done here together, or asks where they collide. */
  const reconcile = useCallback(
    (theirs: Flow, choices?: ReadonlyMap<string, Side>) => {
      const document = asDocument(theirs);
      const merged = merge(base.current, documentOf(store), document, choices);
      // What has come to collide since the choice was made is asked about, too.
      if (merged.conflicts.some(({ id }) => !choices?.has(id))) {
        stopped.current = true;
        clearTimeout(timer.current);
        setCollision({ theirs, conflicts: merged.conflicts });
        setState('conflict');
        return;
      }
      store.getState().adopt(merged.document, base.current, document);
      revision.current = theirs.revision;
      base.current = document;
      stopped.current = false;
      setCollision(null);
      setState('dirty');
      later(0);
      if (merged.taken > 0 && !choices) {
        toast(
          t`Somebody else changed ${plural(merged.taken, { one: '# thing', other: '# things' })} here; your changes stand beside theirs.`,
        );
      }
    },
    [later, store],
  );

  const save = useCallback(async () => {
    clearTimeout(timer.current);
    const sent = documentOf(store);
    setState('saving');
    try {
      const answer = await put<Flow>(url`/api/flows/${key}/`, {
        ...sent,
        revision: revision.current,
      });
      revision.current = answer.revision;
      saved.current = sent;
      base.current = asDocument(answer);
      store.getState().takeProblems(answer.problems);
      client.setQueryData(['flow', key], answer);
      void client.invalidateQueries({ queryKey: ['flows'] });
      if (unsaved()) {
        setState('dirty');
        later(PAUSE);
      } else {
        dropBackup(key);
        setState('saved');
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        const theirs = await get<Flow>(url`/api/flows/${key}/`).catch(() => null);
        if (theirs && theirs.revision > revision.current) {
          reconcile(theirs);
          return;
        }
      }
      setState('failed');
      later(RETRY);
    }
  }, [client, key, later, reconcile, store, unsaved]);

  const run = useRef<() => Promise<void>>(save);
  run.current = () => {
    running.current ??= save().finally(() => {
      running.current = null;
    });
    return running.current;
  };

  useEffect(() => {
    if (!enabled) return;
    let writing: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      clearTimeout(writing);
      writing = undefined;
      if (!unsaved()) return;
      const document = documentOf(store);
      writeBackup(key, { revision: revision.current, document, base: base.current });
    };
    const stop = store.subscribe((now, was) => {
      if (now.name === was.name && now.graph === was.graph && now.settings === was.settings) return;
      writing ??= setTimeout(write, BACKUP);
      if (stopped.current) return;
      setState('dirty');
      later(PAUSE);
    });
    window.addEventListener('pagehide', write);
    return () => {
      stop();
      window.removeEventListener('pagehide', write);
      clearTimeout(timer.current);
      write();
      if (unsaved() && !stopped.current) void run.current();
    };
  }, [enabled, key, later, store, unsaved]);

  // What somebody else saved is taken in at once, whether or not something is unsaved here.
  useEffect(() => {
    if (!enabled || flow.revision <= revision.current || running.current || stopped.current) return;
    if (unsaved()) {
      reconcile(flow);
      return;
    }
    const document = asDocument(flow);
    store.getState().adopt(document, base.current, document);
    revision.current = flow.revision;
    base.current = document;
    saved.current = documentOf(store);
    store.getState().takeProblems(flow.problems);
    clearTimeout(timer.current);
    dropBackup(key);
    setState('saved');
  }, [enabled, flow, key, reconcile, store, unsaved]);

  const flush = useCallback(async () => {
    if (running.current) await running.current;
    if (unsaved() && !stopped.current) await run.current();
  }, [unsaved]);

  const settle = useCallback(
    async (choices: ReadonlyMap<string, Side>) => {
      const theirs = await get<Flow>(url`/api/flows/${key}/`);
      reconcile(theirs, choices);
    },
    [key, reconcile],
  );

  const recover = useCallback(
    (backup: Backup) => {
      const theirs = base.current;
      const { document, conflicts } = merge(backup.base, backup.document, theirs);
      if (conflicts.length > 0) {
        base.current = backup.base;
        store.getState().replace(backup.document);
        stopped.current = true;
        setCollision({ theirs: { ...flow, ...theirs }, conflicts });
        setState('conflict');
        return;
      }
      store.getState().replace(document);
    },
    [flow, store],
  );

  return { state, collision, flush, settle, recover };
}
