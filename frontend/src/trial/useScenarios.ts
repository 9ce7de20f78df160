/** The scenarios of one flow, kept in this browser. */
import { t } from '@lingui/core/macro';
import { useCallback, useEffect, useState } from 'react';
import type { Graph } from '@/api/types';
import { freshScenario, type Scenario, scenariosFrom } from '@/model/scenarios';

const storageKey = (flow: string): string => `millrace:scenarios:${flow}`;
const MOST = 30;

function read(flow: string): Scenario[] {
  try {
    return scenariosFrom(localStorage.getItem(storageKey(flow)));
  } catch {
    return [];
  }
}

function write(flow: string, scenarios: readonly Scenario[]): void {
  try {
    localStorage.setItem(storageKey(flow), JSON.stringify(scenarios));
  } catch {
    // A full or forbidden storage: the scenarios last as long as the page.
  }
}

const fresh = (graph: Graph, among: readonly Scenario[]): Scenario =>
  freshScenario(graph, crypto.randomUUID(), freeName(t`Scenario`, among));

function freeName(base: string, among: readonly Scenario[]): string {
  const taken = new Set(among.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = `${base} ${number}`;
    if (!taken.has(name)) return name;
  }
}

export interface Scenarios {
  all: Scenario[];
  chosen: Scenario;
  choose: (id: string) => void;
  change: (part: Partial<Scenario>) => void;
  add: () => void;
  duplicate: () => void;
  remove: () => void;
  canAdd: boolean;
}

export function useScenarios(flow: string, graph: Graph): Scenarios {
  const [all, setAll] = useState<Scenario[]>(() => {
    const kept = read(flow);
    return kept.length > 0 ? kept : [fresh(graph, [])];
  });
  const [id, setId] = useState(all[0]?.id ?? '');
  const chosen = all.find((each) => each.id === id) ?? (all[0] as Scenario);

  useEffect(() => write(flow, all), [flow, all]);

  const change = useCallback(
    (part: Partial<Scenario>) =>
      setAll((before) =>
        before.map((each) => (each.id === chosen.id ? { ...each, ...part } : each)),
      ),
    [chosen.id],
  );
  const put = (scenario: Scenario) => {
    setAll([...all, scenario]);
    setId(scenario.id);
  };
  return {
    all,
    chosen,
    choose: setId,
    change,
    add: () => put(fresh(graph, all)),
    duplicate: () =>
      put({ ...chosen, id: crypto.randomUUID(), name: freeName(`${chosen.name},`, all) }),
    remove: () => {
      const left = all.filter((each) => each.id !== chosen.id);
      setAll(left.length > 0 ? left : [fresh(graph, [])]);
    },
    canAdd: all.length < MOST,
  };
}
