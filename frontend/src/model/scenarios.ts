/** Scenarios: who is tried with what, kept by name; and a scenario as a test of a flow file. Pure. */
import type { ContactRef, Graph, Json, JsonObject, Simulation } from '@/api/types';
import {
  durationOf,
  firstHappening,
  HAPPENING_WORDS,
  type Happening,
  happeningBody,
} from './trial';

export interface Scenario {
  id: string;
  name: string;
  who: 'made-up' | 'real';
  fields: Record<string, Json>;
  contact: ContactRef | null;
  /** When it begins; null: now. */
  start: string | null;
  /** For how many days it is watched; null: as long as anything happens. */
  days: number | null;
  happenings: Happening[];
}

export const SOMEBODY: Record<string, Json> = { email: 'ada@example.com', first_name: 'Ada' };

export function freshScenario(graph: Graph, id: string, name: string): Scenario {
  return {
    id,
    name,
    who: 'made-up',
    fields: SOMEBODY,
    contact: null,
    start: null,
    days: null,
    happenings: [{ id: 0, ...firstHappening(graph) }],
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHappening = (value: unknown): value is Happening =>
  isRecord(value) &&
  typeof value.id === 'number' &&
  typeof value.name === 'string' &&
  typeof value.kind === 'string' &&
  value.kind in HAPPENING_WORDS &&
  isRecord(value.properties);

const isScenario = (value: unknown): value is Scenario =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.name === 'string' &&
  (value.who === 'made-up' || value.who === 'real') &&
  isRecord(value.fields) &&
  Array.isArray(value.happenings) &&
  value.happenings.every(isHappening);

/** What was kept, without what cannot be read any more. */
export function scenariosFrom(text: string | null): Scenario[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter(isScenario) : [];
  } catch {
    return [];
  }
}

const PLAIN = /^[A-Za-z_][\w .@/-]*$/;
const WORDS_OF_YAML = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n', '~']);

/** A value on one line: every JSON is YAML; what needs no quotes has none. */
function scalar(value: Json): string {
  if (typeof value === 'string') {
    const plain =
      PLAIN.test(value) && !value.endsWith(' ') && !WORDS_OF_YAML.has(value.toLowerCase());
    return plain ? value : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(scalar).join(', ')}]`;
  if (isRecord(value)) {
    const parts = Object.entries(value).map(
      ([key, each]) => `${scalar(key)}: ${scalar(each as Json)}`,
    );
    return `{${parts.join(', ')}}`;
  }
  return JSON.stringify(value);
}

const after = (instant: string, start: number): string =>
  durationOf(Date.parse(instant) - start) ?? 'PT0M';

/** Whether all steps were taken at whole minutes after the start: else their times are left out. */
const isWhole = (instant: string, start: number): boolean =>
  (Date.parse(instant) - start) % 60_000 === 0;

/** A scenario and what came of it, as it stands under `tests:` in a flow file. */
export function testText(
  scenario: Scenario,
  flow: string,
  result: Simulation,
  range: { start: number; end: number },
): string {
  const lines = [
    `  - name: ${scalar(scenario.name)}`,
    `    start: "${new Date(range.start).toISOString()}"`,
    `    until: ${durationOf(range.end - range.start) ?? 'PT1M'}`,
    `    contact: {fields: ${scalar(scenario.fields)}}`,
  ];
  const rows = scenario.happenings.flatMap((each): JsonObject[] => {
    const body = happeningBody(each, flow);
    return body ? [{ at: each.after ?? 'PT0M', ...body }] : [];
  });
  if (rows.length > 0) lines.push('    timeline:');
  for (const row of rows) {
    for (const [place, [key, value]] of Object.entries(row).entries()) {
      lines.push(`      ${place === 0 ? '-' : ' '} ${key}: ${scalar(value)}`);
    }
  }
  lines.push('    expect:');
  const visits = result.visits[flow] ?? [];
  if (visits.length === 0) lines.push('      visits: []');
  else {
    lines.push('      visits:');
    for (const { path, outcome } of visits) {
      const way = path.map(({ node, at }) =>
        isWhole(at, range.start) ? `{${scalar(node)}: ${after(at, range.start)}}` : scalar(node),
      );
      lines.push(`        - path: [${way.join(', ')}]`, `          outcome: ${outcome}`);
    }
  }
  const sent = result.messages.filter((mail) => mail.flow === flow && mail.status === 'sent');
  lines.push(`      emails: [${sent.map(({ node }) => scalar(node)).join(', ')}]`);
  return `${lines.join('\n')}\n`;
}
