import { expect, it } from 'vitest';
import { isShorter, periodChoices, periodWords } from './keeping';

it('says periods as people do', () => {
  expect(periodWords('P90D')).toBe('for 90 days');
  expect(periodWords('P365D')).toBe('for 1 year');
  expect(periodWords('P1095D')).toBe('for 3 years');
  expect(periodWords(null)).toBe('for ever');
});

it('knows when something would be deleted', () => {
  expect(isShorter('P30D', 'P90D')).toBe(true);
  expect(isShorter('P30D', null)).toBe(true);
  expect(isShorter(null, 'P30D')).toBe(false);
  expect(isShorter('P30D', 'P30D')).toBe(false);
});

it('offers what is set already among the usual periods', () => {
  const choices = periodChoices({ default: 'P1D', keep: 'P45D' });
  expect(choices.slice(0, 4)).toEqual(['P1D', 'P7D', 'P30D', 'P45D']);
  expect(choices.at(-1)).toBeNull();
});
