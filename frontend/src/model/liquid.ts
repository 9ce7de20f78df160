/** Completion of Liquid names while they are typed: `{{ fir|` → `{{ first_name }}`. Pure. */

export interface LiquidPart {
  /** Where the name that is being typed begins in the text. */
  from: number;
  /** What of the name stands before the cursor. */
  typed: string;
}

/** The name being typed at the cursor, or null where no `{{` is open there. */
export function liquidPart(text: string, cursor: number): LiquidPart | null {
  const before = text.slice(0, cursor);
  const open = before.lastIndexOf('{{');
  if (open < 0) return null;
  const inside = before.slice(open + 2);
  const found = /^-?\s*([\w.[\]"-]*)$/.exec(inside);
  if (!found) return null;
  const typed = found[1] ?? '';
  return { from: cursor - typed.length, typed };
}

/** The text with the name put in and its braces closed, and where the cursor then stands. */
export function completed(
  text: string,
  cursor: number,
  name: string,
): { text: string; cursor: number } {
  const part = liquidPart(text, cursor);
  if (!part) return inserted(text, cursor, cursor, `{{ ${name} }}`);
  const head = text.slice(0, part.from);
  const space = head.endsWith('{{') ? ' ' : '';
  const tail = text.slice(cursor).replace(/^[\w.[\]"-]*/, '');
  const closed = /^\s*(\||-?\}\})/.test(tail);
  const start = `${head}${space}${name}${closed ? '' : ' }}'}`;
  return { text: start + tail, cursor: start.length };
}

/** The text with a piece in place of what was marked, and where the cursor then stands. */
export function inserted(
  text: string,
  from: number,
  to: number,
  piece: string,
): { text: string; cursor: number } {
  return { text: text.slice(0, from) + piece + text.slice(to), cursor: from + piece.length };
}

/** A text with what is filled in named in brackets, cut to a length: "[first_name] is hot". */
export function liquidWords(text: string, most = 60): string {
  const [line = ''] = text.trim().split('\n');
  const said = line
    .replace(/\{%.*?%\}/g, '')
    .replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, inside: string) => `[${nameIn(inside)}]`)
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...said];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : said;
}

/**
 * The text as it would read with these values; null where that cannot be said without the server,
 * or where nothing is filled in. Of the filters only those are known that anybody uses in a line.
 */
export function sampled(
  text: string,
  sampleOf: (name: string) => string | undefined,
): string | null {
  if (!text.includes('{{') || text.includes('{%')) return null;
  let known = true;
  const said = text.replace(/\{\{-?(.*?)-?\}\}/gs, (_, inside: string) => {
    const [name = '', ...filters] = inside.split('|').map((part) => part.trim());
    let value = sampleOf(nameIn(name));
    for (const filter of filters) {
      const change = filtered(filter);
      if (change) value = change(value);
      else known = false;
    }
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known && !/\{\{|\}\}/.test(said) ? said : null;
}

const FILTERS: Record<string, (value: string) => string> = {
  upcase: (value) => value.toUpperCase(),
  downcase: (value) => value.toLowerCase(),
  capitalize: (value) => value.slice(0, 1).toUpperCase() + value.slice(1).toLowerCase(),
  strip: (value) => value.trim(),
};

function filtered(filter: string): ((value: string | undefined) => string | undefined) | null {
  const fallback = /^default:\s*(["'])(.*)\1$/.exec(filter)?.[2];
  if (fallback !== undefined) return (value) => value || fallback;
  const change = FILTERS[filter];
  return change ? (value) => (value === undefined ? undefined : change(value)) : null;
}

/** What a Liquid expression is about: its name without filters, and without saying whose it is. */
const nameIn = (inside: string): string =>
  (inside.split('|')[0] ?? '').trim().replace(/^contact\.|^contact\["(.*)"\]$/, '$1');
