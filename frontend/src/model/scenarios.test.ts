import { expect, it } from 'vitest';
import type { Simulation } from '@/api/types';
import { freshScenario, type Scenario, scenariosFrom, testText } from './scenarios';

const START = Date.parse('2026-06-01T09:00:00Z');
const scenario: Scenario = {
  ...freshScenario({ nodes: [], edges: [] }, 'one', 'A purchase stops it: at once'),
  happenings: [
    { id: 0, kind: 'event', name: 'Product Added', value: '', properties: {} },
    {
      id: 1,
      after: 'PT30M',
      kind: 'event',
      name: 'Order Completed',
      value: '',
      properties: { total: 5, code: 'no' },
    },
    { id: 2, kind: 'event', name: '', value: '', properties: {} },
  ],
};
const result = {
  visits: {
    cart: [
      {
        path: [
          { node: 'cart', at: '2026-06-01T09:00:00Z', branch: 'next', reason: '' },
          { node: 'hour', at: '2026-06-01T09:00:30Z', branch: null, reason: '' },
        ],
        outcome: 'exited',
        at: null,
        reason: '',
        until: null,
      },
    ],
  },
  messages: [],
} as unknown as Simulation;

it('is copied as a test of a flow file', () => {
  const range = { start: START, end: START + 7 * 86_400_000 };
  expect(testText(scenario, 'cart', result, range)).toBe(`  - name: "A purchase stops it: at once"
    start: "2026-06-01T09:00:00.000Z"
    until: P7D
    contact: {fields: {email: ada@example.com, first_name: Ada}}
    timeline:
      - at: PT0M
        event: Product Added
      - at: PT30M
        event: Order Completed
        properties: {total: 5, code: "no"}
    expect:
      visits:
        - path: [{cart: PT0M}, hour]
          outcome: exited
      emails: []
`);
});

it('is read from what was kept, without what cannot be read', () => {
  const kept = JSON.stringify([scenario, { id: 'two' }, null, { ...scenario, happenings: [{}] }]);
  expect(scenariosFrom(kept)).toEqual([scenario]);
  expect(scenariosFrom(null)).toEqual([]);
  expect(scenariosFrom('{"a":')).toEqual([]);
  expect(scenariosFrom('{}')).toEqual([]);
});
