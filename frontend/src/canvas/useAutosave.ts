/**
 * Keeps the draft saved: a moment after each change, with the revision it was based on.
 *
 * What is not saved yet also lies in the browser's storage, so a crashed tab loses nothing. When
 * somebody else saved first (409), saving stops until the person has chosen.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, get, put, url } from '@/api/client';
import type { Flow } from '@/api/types';
import { toast } from '@/ui/toast';
import type { CanvasStore, FlowDocument } from './store';

export type SaveState = 'saved' | 'dirty' | 'saving' | 'conflict' | 'failed';

const PAUSE = 700;
const RETRY = 5_000;

const storageKey = (key: string) => `millrace:draft:${key}`;

export interface Backup {
  revision: number;
  document: FlowDocument;
}

export function readBackup(key: string): Backup | null {
  try {
    const text = localStorage.getItem(storageKey(key));
    return text ? (JSON.parse(text) as Backup) : null;
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

export interface Autosave {
  state: SaveState;
  revision: number;
  /** Saves what is open at once; answers when it is saved. */
  flush: () => Promise<void>;
  keepMine: () => Promise<void>;
  takeTheirs: () => Promise<void>;
}

export function useAutosave(store: CanvasStore, flow: Flow, enabled: boolean): Autosave {
  const client = useQueryClient();
  const [state, setState] = useState<SaveState>('saved');
  const revision = useRef(flow.revision);
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
      store.getState().takeProblems(answer.problems);
      client.setQueryData(['flow', key], answer);
      void client.invalidateQueries({ queryKey: ['flows'] });
      if (unsaved()) {
        setState('dirty');
        timer.current = setTimeout(() => void run.current(), PAUSE);
      } else {
        dropBackup(key);
        setState('saved');
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        stopped.current = true;
        setState('conflict');
        return;
      }
      setState('failed');
      timer.current = setTimeout(() => void run.current(), RETRY);
    }
  }, [client, key, store, unsaved]);

  const run = useRef<() => Promise<void>>(save);
  run.current = () => {
    running.current ??= save().finally(() => {
      running.current = null;
    });
    return running.current;
  };

  useEffect(() => {
    if (!enabled) return;
    const stop = store.subscribe((now, was) => {
      if (now.name === was.name && now.graph === was.graph && now.settings === was.settings) return;
      writeBackup(key, { revision: revision.current, document: documentOf(store) });
      if (stopped.current) return;
      setState('dirty');
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void run.current(), PAUSE);
    });
    return () => {
      stop();
      clearTimeout(timer.current);
      if (unsaved() && !stopped.current) void run.current();
    };
  }, [enabled, key, store, unsaved]);

  // What somebody else saved is taken over at once while there is nothing unsaved here.
  useEffect(() => {
    if (!enabled || flow.revision <= revision.current || running.current || unsaved()) return;
    revision.current = flow.revision;
    store.getState().replace(flow);
    saved.current = documentOf(store);
    store.getState().takeProblems(flow.problems);
    clearTimeout(timer.current);
    dropBackup(key);
    setState('saved');
    toast('Somebody else changed this flow; you see their version now.');
  }, [enabled, flow, key, store, unsaved]);

  const flush = useCallback(async () => {
    if (running.current) await running.current;
    if (unsaved() && !stopped.current) await run.current();
  }, [unsaved]);

  const keepMine = useCallback(async () => {
    const theirs = await get<Flow>(url`/api/flows/${key}/`);
    revision.current = theirs.revision;
    stopped.current = false;
    await run.current();
  }, [key]);

  const takeTheirs = useCallback(async () => {
    const theirs = await get<Flow>(url`/api/flows/${key}/`);
    revision.current = theirs.revision;
    // An ordinary change, so that undo brings one's own work back.
    store.getState().replace(theirs);
    saved.current = documentOf(store);
    store.getState().takeProblems(theirs.problems);
    clearTimeout(timer.current);
    stopped.current = false;
    dropBackup(key);
    setState('saved');
  }, [key, store]);

  return { state, revision: revision.current, flush, keepMine, takeTheirs };
}
