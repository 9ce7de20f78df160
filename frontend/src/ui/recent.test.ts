import { beforeEach, expect, it, vi } from 'vitest';
import { forgetPlaces, recentPlaces, rememberPlace } from './recent';

const flow = (key: string, label = key) => ({ path: `/flows/${key}`, label, of: 'Flows' });

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

it('has the last place first, and each once by its latest name', () => {
  rememberPlace(flow('a'));
  rememberPlace(flow('b'));
  rememberPlace(flow('a', 'A renamed'));
  expect(recentPlaces().map(({ label }) => label)).toEqual(['A renamed', 'b']);
});

it('keeps the last eight', () => {
  for (let index = 0; index < 20; index += 1) rememberPlace(flow(`f${index}`));
  expect(recentPlaces()).toHaveLength(8);
  expect(recentPlaces()[0]?.label).toBe('f19');
});

it('has none where the store holds something else, or is forgotten', () => {
  localStorage.setItem('millrace.recent', '{"path": 1}');
  expect(recentPlaces()).toEqual([]);
  localStorage.setItem('millrace.recent', 'nonsense');
  expect(recentPlaces()).toEqual([]);
  rememberPlace(flow('a'));
  forgetPlaces();
  expect(recentPlaces()).toEqual([]);
});
