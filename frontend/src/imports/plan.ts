/** What a person has chosen for an import, in words and as the server wants it. No React. */
import { plural, t } from '@lingui/core/macro';
import type { Field, FieldType, Topic } from '@/api/types';
import { number } from '@/ui/format';
import type {
  Asked,
  ColumnChoice,
  Existing,
  Import,
  ImportColumn,
  ImportCounts,
  MatchKey,
  Options,
} from './types';

export const TYPE_WORDS: Record<FieldType, string> = {
  string: t`Text`,
  number: t`Number`,
  boolean: t`Yes or no`,
  datetime: t`Date`,
  list: t`List`,
};

/** The ways to write values of a type, the usual one first. */
export const FORMATS: Record<FieldType, { value: string; label: string }[]> = {
  string: [],
  boolean: [],
  number: [
    { value: 'point', label: '1,234.50' },
    { value: 'comma', label: '1.234,50' },
  ],
  datetime: [
    { value: 'iso', label: '2026-06-15' },
    { value: 'dmy', label: t`day first: 15.06.2026` },
    { value: 'mdy', label: t`month first: 06/15/2026` },
    { value: 'ymd', label: t`year first: 2026/06/15` },
    { value: 'unix', label: t`seconds since 1970` },
    { value: 'unix_ms', label: t`milliseconds since 1970` },
  ],
  list: [
    { value: ';', label: t`parted by ;` },
    { value: ',', label: t`parted by ,` },
    { value: '|', label: t`parted by |` },
  ],
};

export const KEY_WORDS: Record<MatchKey, string> = {
  email: t`e-mail address`,
  external_id: t`external id`,
};

/** The choices that the server's guesses make. */
export function guessed(columns: readonly ImportColumn[]): ColumnChoice[] {
  return columns.map(({ index, guess }) => ({
    column: index,
    target: guess.target,
    type: guess.type,
    format: guess.format,
  }));
}

export function keyGuessed(choices: readonly ColumnChoice[]): MatchKey {
  return !choices.some((each) => each.target === 'email') &&
    choices.some((each) => each.target === 'external_id')
    ? 'external_id'
    : 'email';
}

/** One column given another target: it keeps the type that its values were guessed to have. */
export function retargeted(
  choice: ColumnChoice,
  target: string | null,
  column: ImportColumn,
  fields: readonly Field[],
): ColumnChoice {
  const known = fields.find((field) => field.key === target);
  const type = known?.type ?? (target?.startsWith('new:') ? (column.guess.type ?? 'string') : null);
  const format = type !== null && type === column.guess.type ? column.guess.format : null;
  return { column: choice.column, target, type, format };
}

/** The type of the values that a column is read as; null where that is no question. */
export function typeOf(choice: ColumnChoice, fields: readonly Field[]): FieldType | null {
  if (choice.target === null) return null;
  if (choice.target.startsWith('new:')) return choice.type ?? 'string';
  return fields.find((field) => field.key === choice.target)?.type ?? null;
}

export interface Target {
  value: string;
  label: string;
  hint: string;
  group: string;
}

const KEPT = new Set(['score', 'last_seen_at']);

/** Everything that a column may become, but for new fields. */
export function targetsOf(fields: readonly Field[], topics: readonly Topic[]): Target[] {
  const open = fields.filter((field) => !KEPT.has(field.key));
  const asTarget = (group: string) => (field: Field) => ({
    value: field.key,
    label: field.name,
    hint: TYPE_WORDS[field.type],
    group,
  });
  const builtin = open.filter((field) => field.builtin).map(asTarget(t`Built-in fields`));
  const full = {
    value: 'name',
    label: t`Full name`,
    hint: t`first and last`,
    group: t`Built-in fields`,
  };
  return [
    ...builtin,
    full,
    ...open.filter((field) => !field.builtin).map(asTarget(t`Your fields`)),
    ...topics.map((topic) => ({
      value: `consent:${topic.key}`,
      label: topic.name,
      hint: t`Consent`,
      group: t`Consent to a topic`,
    })),
  ];
}

export function targetName(target: string | null, targets: readonly Target[]): string {
  if (target === null) return t`Left out`;
  if (target.startsWith('new:')) return target.slice(4) || t`New field`;
  return targets.find((each) => each.value === target)?.label ?? target.replace(/^consent:/, '');
}

/** What is sent: columns that are left out are not spoken of. */
export function asked(choices: readonly ColumnChoice[], options: Options): Asked {
  return { mapping: choices.filter((choice) => choice.target !== null), ...options };
}

const EXISTING_WORDS: Record<Existing, string> = {
  update: t`People who are not known yet are added. Those who are known are updated.`,
  fill_empty: t`People who are not known yet are added. Those who are known keep what they have; only their empty fields are filled.`,
  skip: t`People who are not known yet are added. Those who are known stay as they are.`,
};

/** What will happen, sentence by sentence. */
export function reviewSentences(
  one: Pick<Import, 'rows_about' | 'columns'>,
  choices: readonly ColumnChoice[],
  options: Options,
  segment: string | null,
): string[] {
  const used = choices.filter((choice) => choice.target !== null);
  const fresh = used.filter((choice) => choice.target?.startsWith('new:'));
  const consents = used.filter((choice) => choice.target?.startsWith('consent:'));
  const out = one.columns.length - used.length;
  let into = plural(used.length - consents.length, {
    one: '# column goes into fields',
    other: '# columns go into fields',
  });
  if (fresh.length > 0) into = t`${into}, ${number(fresh.length)} of them new`;
  if (consents.length > 0) into = t`${into}, ${number(consents.length)} into consents`;
  if (out > 0) {
    into = t`${into}; ${plural(out, { one: '# column is', other: '# columns are' })} left out`;
  }
  return [
    t`${about(one.rows_about)} rows will be read. Rows of one ${KEY_WORDS[options.key]} are one contact.`,
    `${into}.`,
    EXISTING_WORDS[options.existing],
    options.empty === 'erase' && options.existing === 'update'
      ? t`An empty cell erases the field.`
      : t`An empty cell changes nothing.`,
    ...(segment ? [t`Everybody in the file joins the segment “${segment}”.`] : []),
    t`A row that cannot be taken in is refused and reported; it spoils no other.`,
  ];
}

/** What has become of the rows, for a list: "12,400 new, 3 refused". */
export function countsInWords(counts: ImportCounts): string {
  const { created, updated, unchanged, refused } = counts;
  const said = [
    created > 0 && t`${number(created)} new`,
    updated > 0 && t`${number(updated)} updated`,
    unchanged > 0 && t`${number(unchanged)} unchanged`,
    refused > 0 && t`${number(refused)} refused`,
  ];
  return said.filter(Boolean).join(', ') || t`nobody`;
}

/** An estimate is not said to the last digit: "About 31,000". */
export function about(rows: number): string {
  if (rows < 1000) return t`About ${number(rows)}`;
  const step = 10 ** (Math.floor(Math.log10(rows)) - 1);
  return t`About ${number(Math.round(rows / step) * step)}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return t`${bytes} bytes`;
  const units = ['KB', 'MB', 'GB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
