import { expect, test } from 'vitest';
import type { FlowTemplate, FlowTemplateAsk } from '@/api/types';
import { broughtWords, fitting, madeWords, piecesOf, usualAnswers } from './words';

const ask = (key: string, type: FlowTemplateAsk['type'], usual: string | number | null) =>
  ({ key, type, label: `The ${key}`, default: usual, required: true }) as FlowTemplateAsk;

const ASKS = [
  ask('pause', 'duration', 'PT1H'),
  ask('bought', 'event', 'Order Completed'),
  ask('score', 'number', 80),
  ask('cart', 'url', null),
];

test('the form begins with what fits the workspace', () => {
  expect(usualAnswers(ASKS)).toEqual({ pause: 'PT1H', bought: 'Order Completed', score: 80 });
});

test('a sentence says what is answered and marks what is not', () => {
  const answers = { pause: 'PT90M', score: 0, bought: '' };
  expect(piecesOf('After $(pause), $(score) and $(bought).', ASKS, answers)).toEqual([
    { text: 'After ', kind: 'plain' },
    { text: '90 minutes', kind: 'answer' },
    { text: ', ', kind: 'plain' },
    { text: '0', kind: 'answer' },
    { text: ' and ', kind: 'plain' },
    { text: 'the bought', kind: 'open' },
    { text: '.', kind: 'plain' },
  ]);
});

const template = (name: string, group: string, summary: string) =>
  ({
    name,
    group,
    summary,
    description: '',
    brings: { segments: [{}], templates: [{}, {}, {}], topics: [], fields: [] },
  }) as unknown as FlowTemplate;

test('a search looks into all words, within the chosen group', () => {
  const all = [
    template('Abandon cart', 'Shop', 'Reminds people'),
    template('Birthday', 'Shop', 'A greeting'),
    template('Welcome', 'Relations', 'Greets people'),
  ];
  const names = (group: string | null, search: string) =>
    fitting(all, group, search).map(({ name }) => name);
  expect(names(null, '')).toEqual(['Abandon cart', 'Birthday', 'Welcome']);
  expect(names('Shop', '')).toEqual(['Abandon cart', 'Birthday']);
  expect(names(null, 'PEOPLE  cart')).toEqual(['Abandon cart']);
  expect(names('Relations', 'cart')).toEqual([]);
});

test('what it brings and what was made reads as people say it', () => {
  expect(broughtWords(template('x', 'y', 'z'))).toBe('3 e-mails, 1 segment');
  expect(madeWords({ segments: [], templates: [] })).toBe('a draft');
  expect(madeWords({ segments: ['a'], templates: ['b', 'c'] })).toBe(
    'a draft, 1 segment and 2 e-mails',
  );
});
