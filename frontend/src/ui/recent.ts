/** Where this person was last, kept in the browser: the things they opened, not the lists. */

export interface RecentPlace {
  path: string;
  label: string;
  /** What kind of thing it is, in words: "Flows". */
  of: string;
}

const KEY = 'millrace.recent';
const MOST = 8;

const isPlace = (value: unknown): value is RecentPlace =>
  typeof value === 'object' &&
  value !== null &&
  ['path', 'label', 'of'].every((key) => typeof Reflect.get(value, key) === 'string');

/** The places, the last one first. A browser that keeps nothing has none. */
export function recentPlaces(): RecentPlace[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isPlace) : [];
  } catch {
    return [];
  }
}

/** Puts a place first; it is known by its path, and by its latest name. */
export function rememberPlace(place: RecentPlace): void {
  const others = recentPlaces().filter(({ path }) => path !== place.path);
  try {
    localStorage.setItem(KEY, JSON.stringify([place, ...others].slice(0, MOST)));
  } catch {
    // A full or forbidden store: going on without is all there is to do.
  }
}

/** Forgets all of them, when another person may sign in. */
export function forgetPlaces(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept then.
  }
}
