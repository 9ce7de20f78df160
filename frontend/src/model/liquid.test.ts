import { describe, expect, it } from 'vitest';
import { completed, inserted, liquidPart, liquidWords, sampled } from './liquid';

/** The cursor is where the text has a bar. */
const at = (marked: string): [string, number] => [marked.replace('|', ''), marked.indexOf('|')];
const shown = ({ text, cursor }: { text: string; cursor: number }) =>
  `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe('the name that is being typed', () => {
  it('begins after the braces', () => {
    expect(liquidPart(...at('Hello {{ fir|'))).toEqual({ from: 9, typed: 'fir' });
    expect(liquidPart(...at('{{|'))).toEqual({ from: 2, typed: '' });
    expect(liquidPart(...at('{{ contact.ci| }}'))).toEqual({ from: 3, typed: 'contact.ci' });
  });
  it('is none outside of braces, after them, or in a filter', () => {
    expect(liquidPart(...at('Hello |'))).toBeNull();
    expect(liquidPart(...at('{{ first_name }} and |'))).toBeNull();
    expect(
      liquidPart(...(at('{{ first_name | ').slice(0, 1).concat(16) as [string, number])),
    ).toBeNull();
  });
});

describe('putting a name in', () => {
  it('closes the braces, or leaves them where they are closed', () => {
    expect(shown(completed(...at('Hello {{ fir|'), 'first_name'))).toBe('Hello {{ first_name }}|');
    expect(shown(completed(...at('{{|'), 'plan'))).toBe('{{ plan }}|');
    expect(shown(completed(...at('{{ fi| }}!'), 'plan'))).toBe('{{ plan| }}!');
    expect(completed('{{ ol | upcase }}', 5, 'plan').text).toBe('{{ plan | upcase }}');
  });
  it('takes the rest of a name that was begun', () => {
    expect(shown(completed(...at('{{ fi|rst }}'), 'plan'))).toBe('{{ plan| }}');
  });
  it('puts in the braces too where there are none', () => {
    expect(shown(completed(...at('Hello |!'), 'plan'))).toBe('Hello {{ plan }}|!');
    expect(shown(inserted('Hello you', 6, 9, '{{ plan }}'))).toBe('Hello {{ plan }}|');
  });
});

it('reads a text with what is filled in as names, and cuts what is long', () => {
  expect(liquidWords('{{ contact.first_name | default: "you" }} is hot')).toBe(
    '[first_name] is hot',
  );
  expect(liquidWords('{{ contact["odd key"] }}{% if a %}!{% endif %}\nmore')).toBe('[odd key]!');
  expect(liquidWords('x'.repeat(80))).toBe(`${'x'.repeat(59)}…`);
});

describe('a text as it would read', () => {
  const sampleOf = (name: string) => ({ first_name: 'Ada', 'trigger.total': '49' })[name];
  it.each([
    ['Hi {{ contact.first_name }}, {{first_name | upcase}}', 'Hi Ada, ADA'],
    ['{{ contact.company | default: "your shop" }} owes {{ trigger.total }}', 'your shop owes 49'],
    ['nothing filled in', null],
    ['{{ contact.plan }}', null],
    ['{{ first_name | truncate: 2 }}', null],
    ['{% if first_name %}Hi{% endif %} {{ first_name }}', null],
    ['{{ first_name }} and {{ fir', null],
  ])('%s', (text, said) => {
    expect(sampled(text, sampleOf)).toBe(said);
  });
});
