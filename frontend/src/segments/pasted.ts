/** A pasted list of people: e-mails and ids out of whatever was between them. Pure. */

/** At most so many are looked up at a time. */
export const MOST_PASTED = 10_000;

/**
 * The e-mails and ids in a text, each once, in order. Lines, commas, semicolons, tabs and spaces
 * are between them; quotes and the brackets of `Ada <ada@example.org>` are not part of them.
 */
export function pastedValues(text: string): string[] {
  const found = new Map<string, string>();
  const lines = text.split(/[\n\r]+/);
  for (const line of lines) {
    const address = /<([^<>\s]+@[^<>\s]+)>/.exec(line)?.[1];
    const pieces = address ? [address] : line.split(/[\s,;]+/);
    for (const piece of pieces) {
      const value = piece.replace(/^["'<(]+|["'>).]+$/g, '');
      if (value) found.set(value.toLowerCase(), found.get(value.toLowerCase()) ?? value);
    }
  }
  return [...found.values()];
}
