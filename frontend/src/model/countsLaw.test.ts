/** The law of the live view: a stale snapshot and the changes since are the fresh snapshot. */
import { describe, expect, it } from 'vitest';
import type { CountsMessage, FlowCounts } from '@/api/types';
import { applyCounts, isGap, type LiveCounts, NO_COUNTS, NO_TOTALS, takeSnapshot } from './counts';

const NODES = ['a', 'b', 'c', 'd'];

/** Repeatable chance. */
function chance(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const said = (type: CountsMessage['type'], seq: number, nodes: CountsMessage['nodes']) => ({
  type,
  seq,
  at: new Date(seq * 250).toISOString(),
  nodes,
  totals: { ...NO_TOTALS, entered: seq },
  version: 1,
  rate: { entered: seq },
});

describe('the law of the live view', () => {
  it('holds for random changes, repeats, and connections lost and found', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const pick = chance(seed);
      let nodes: CountsMessage['nodes'] = {};
      let seq = 0;
      let seen: LiveCounts = NO_COUNTS;
      let before: CountsMessage | null = null;
      let connected = false;
      for (let turn = 0; turn < 60; turn += 1) {
        const id = NODES[pick(NODES.length)] ?? 'a';
        const entered = (nodes[id]?.entered ?? 0) + 1;
        const left = pick(entered + 1);
        const next = { here: entered - left, entered, left, failed: 0, next_due: null, out: {} };
        nodes = { ...nodes, [id]: next };
        seq += 1;
        if (pick(12) === 0) {
          connected = false;
          // A server that begins anew may count from the beginning.
          if (pick(2) === 0) seq = 1;
        }
        const message = said('counts', seq, { [id]: next });
        if (connected) {
          seen = applyCounts(seen, message);
          if (before && pick(4) === 0) seen = applyCounts(seen, before);
          before = message;
        } else if (pick(3) === 0) {
          seen = applyCounts(seen, said('snapshot', seq, nodes));
          connected = true;
          before = null;
        }
        if (connected) {
          expect(seen).toEqual(applyCounts(NO_COUNTS, said('snapshot', seq, nodes)));
        }
      }
    }
  });

  it('holds where messages are lost: their gap is seen, and all numbers are asked for', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const pick = chance(seed);
      let nodes: CountsMessage['nodes'] = {};
      let seen = applyCounts(NO_COUNTS, said('snapshot', 0, nodes));
      let asking: FlowCounts | null = null;
      let lost = false;
      for (let seq = 1; seq <= 60; seq += 1) {
        const id = NODES[pick(NODES.length)] ?? 'a';
        const entered = (nodes[id]?.entered ?? 0) + 1;
        const next = { here: entered, entered, left: 0, failed: 0, next_due: null, out: {} };
        nodes = { ...nodes, [id]: next };
        const message = said('counts', seq, { [id]: next });
        const fresh = { ...said('snapshot', seq, nodes), status: 'live', held: 0 } as FlowCounts;
        if (pick(4) === 0) {
          lost = true;
          continue;
        }
        const gap = isGap(seen, message);
        expect(gap).toBe(lost);
        lost = false;
        seen = applyCounts(seen, message);
        if (gap) asking ??= fresh;
        // The answer comes at once, or after some messages more.
        if (asking && pick(2) === 0) {
          const caught = takeSnapshot(seen, asking);
          asking = caught ? null : fresh;
          seen = caught ?? seen;
        }
        if (asking === null) expect(seen.nodes).toEqual(nodes);
      }
    }
  });
});
