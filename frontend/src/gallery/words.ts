/** The sentences of a flow template with what is answered so far in them. PURE. */
import { plural, t } from '@lingui/core/macro';
import type { FlowTemplate, FlowTemplateAsk } from '@/api/types';
import { durationWords } from '@/model/duration';

export type Answers = Readonly<Record<string, string | number>>;

/** A piece of a sentence; what was answered stands out, `open` marks what is not answered yet. */
export interface Piece {
  text: string;
  kind: 'plain' | 'answer' | 'open';
}

const PLACE = /\$\((\w+)\)/;

/** The answers that fit the workspace, as the form begins. */
export const usualAnswers = (asks: readonly FlowTemplateAsk[]): Answers =>
  Object.fromEntries(
    asks.flatMap(({ key, default: usual }) => (usual === null ? [] : [[key, usual]])),
  );

/** A sentence in pieces: "People who …", an answer, "." */
export function piecesOf(
  words: string,
  asks: readonly FlowTemplateAsk[],
  answers: Answers,
): Piece[] {
  const known = new Map(asks.map((ask) => [ask.key, ask]));
  return words.split(PLACE).flatMap((text, index): Piece[] => {
    if (index % 2 === 0) return text ? [{ text, kind: 'plain' }] : [];
    const ask = known.get(text);
    const answer = answers[text];
    if (answer === undefined || answer === '') {
      return [{ text: ask ? lowered(ask.label) : text, kind: 'open' }];
    }
    const said = ask?.type === 'duration' ? durationWords(String(answer)) : null;
    return [{ text: said ?? String(answer), kind: 'answer' }];
  });
}

const lowered = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** The templates whose words hold all that was searched for, of one group or of all. */
export function fitting(
  templates: readonly FlowTemplate[],
  group: string | null,
  search: string,
): FlowTemplate[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  return templates.filter((template) => {
    if (group !== null && template.group !== group) return false;
    const { name, summary, description, group: of } = template;
    const text = [name, summary, description, of].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** What a template brings, in one line: "3 e-mails, 1 segment". */
export function broughtWords({ brings }: Pick<FlowTemplate, 'brings'>): string {
  return [emails(brings.templates.length), segments(brings.segments.length)]
    .filter(Boolean)
    .join(', ');
}

/** What was made, for the toast: "a draft, 2 segments and 4 e-mails". */
export function madeWords(made: { segments: string[]; templates: string[] }): string {
  const parts = [t`a draft`, segments(made.segments.length), emails(made.templates.length)].filter(
    Boolean,
  );
  const last = parts.pop() ?? '';
  return parts.length > 0 ? t`${parts.join(', ')} and ${last}` : last;
}

const emails = (n: number): string =>
  n === 0 ? '' : plural(n, { one: '# e-mail', other: '# e-mails' });

const segments = (n: number): string =>
  n === 0 ? '' : plural(n, { one: '# segment', other: '# segments' });
