import { describe, expect, it } from 'vitest';
import type { Field } from '@/api/types';
import {
  asked,
  countsInWords,
  fileSize,
  guessed,
  keyGuessed,
  retargeted,
  reviewSentences,
  targetName,
  targetsOf,
  typeOf,
} from './plan';
import type { ColumnChoice, ImportColumn, ImportCounts, Options } from './types';

const column = (index: number, target: string | null, more = {}): ImportColumn => ({
  index,
  name: `Column ${index}`,
  samples: [],
  filled: 1,
  guess: { target, type: 'string', format: null, sure: true, ...more },
});

const field = (key: string, type: Field['type'], builtin = false): Field => ({
  key,
  name: key.toUpperCase(),
  type,
  builtin,
  warnings: 0,
  last_warning: '',
  created_at: '2026-05-01T12:00:00Z',
});

const FIELDS = [
  field('email', 'string', true),
  field('score', 'number', true),
  field('age', 'number'),
];
const OPTIONS: Options = { key: 'email', existing: 'update', empty: 'leave', segment: null };

describe('an import’s choices', () => {
  it('begin with what was guessed, and are sent without what is left out', () => {
    const choices = guessed([column(0, 'email'), column(1, null)]);
    expect(asked(choices, OPTIONS).mapping).toEqual([
      { column: 0, target: 'email', type: 'string', format: null },
    ]);
    expect(keyGuessed(choices)).toBe('email');
    expect(keyGuessed(guessed([column(0, 'external_id')]))).toBe('external_id');
  });

  it('take the type of a field that is there, and keep the guessed format for it', () => {
    const dates = column(0, 'new:Age', { type: 'number', format: 'comma' });
    const [choice] = guessed([dates]) as [ColumnChoice];
    expect(retargeted(choice, 'age', dates, FIELDS)).toMatchObject({
      type: 'number',
      format: 'comma',
    });
    expect(retargeted(choice, 'email', dates, FIELDS)).toMatchObject({
      type: 'string',
      format: null,
    });
    expect(typeOf({ ...choice, target: 'age' }, FIELDS)).toBe('number');
    expect(typeOf({ ...choice, target: null }, FIELDS)).toBeNull();
  });

  it('offer no field that the product keeps', () => {
    const targets = targetsOf(FIELDS, [{ key: 'news', name: 'News', opt_in: false }]);
    expect(targets.map((each) => each.value)).toEqual(['email', 'name', 'age', 'consent:news']);
    expect(targetName('new:Plan', targets)).toBe('Plan');
    expect(targetName('consent:news', targets)).toBe('News');
  });

  it('are reviewed in words', () => {
    const columns = [column(0, 'email'), column(1, 'new:Plan'), column(2, null)];
    const said = reviewSentences(
      { rows_about: 12_400, columns },
      guessed(columns),
      { ...OPTIONS, existing: 'skip' },
      'Fair',
    );
    expect(said[0]).toContain('About 12,000 rows');
    expect(said[1]).toBe('2 columns go into fields, 1 of them new; 1 column is left out.');
    expect(said[2]).toContain('stay as they are');
    expect(said).toContain('Everybody in the file joins the segment “Fair”.');
  });
});

describe('what came of it', () => {
  it('is said shortly', () => {
    const none: ImportCounts = {
      rows: 0,
      created: 0,
      updated: 0,
      unchanged: 0,
      refused: 0,
      repeated: 0,
      cells_left_out: 0,
      joined: 0,
    };
    expect(countsInWords(none)).toBe('nobody');
    expect(countsInWords({ ...none, created: 12_400, refused: 3 })).toBe('12,400 new, 3 refused');
  });
  it.each([
    [12, '12 bytes'],
    [2048, '2.0 KB'],
    [51_380_224, '49 MB'],
  ])('%d bytes are %s', (bytes, words) => {
    expect(fileSize(bytes)).toBe(words);
  });
});
