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

/** What a Liquid expression is about: its name without filters, and without saying whose it is. */
const nameIn = (inside: string): string =>
  (inside.split('|')[0] ?? '').trim().replace(/^contact\.|^contact\["(.*)"\]$/, '$1');
