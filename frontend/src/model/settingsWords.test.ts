import { expect, it } from 'vitest';
import { limitWords, quietWords, reentryWords, suppressWords } from './settingsWords';

it('says who may come again, and when', () => {
  expect(reentryWords(undefined)).toBe('Each person comes in **once**.');
  expect(reentryWords({ type: 'after_exit', gap: 'PT2H' })).toContain('**2 hours after**');
  expect(reentryWords({ type: 'after_exit', gap: null })).toContain('**after leaving**');
});

it('says on whose clock e-mails keep quiet, and until when', () => {
  const quiet = { from: '22:00', to: '07:00', timezone: 'contact' };
  expect(quietWords(quiet)).toContain('on the person’s own clock');
  expect(quietWords({ ...quiet, timezone: 'America/New_York' })).toContain('America/New York');
  expect(quietWords(quiet)).toMatch(/wait until \*\*07:00\*\*\.$/);
  expect(quietWords(null)).toContain('at any hour');
});

it('says how many e-mails one person gets', () => {
  expect(limitWords({ count: 1, per: 'P1D' })).toContain('**1 marketing e-mail in 1 day**');
  expect(limitWords({ count: 3, per: 'P7D' })).toContain('**3 marketing e-mails in 7 days**');
  expect(limitWords(null)).toContain('As many');
});

it('names who is shut out', () => {
  expect(suppressWords([])).toBe('Nobody is shut out.');
  expect(suppressWords(['A', 'B', 'C'])).toContain('**A**, **B** or **C**');
});
