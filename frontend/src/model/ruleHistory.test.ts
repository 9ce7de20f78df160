import { expect, it } from 'vitest';
import type { Rule } from './rule';
import { NO_HISTORY, recorded, redone, undone } from './ruleHistory';

const step = (n: number): Rule => ({ type: 'sample', percent: n, salt: 's' });

it('takes changes back one by one, and does them again', () => {
  const first = recorded(NO_HISTORY, step(1), null, 0);
  const second = recorded(first, step(2), null, 10);
  const back = undone(second, step(3));
  expect(back?.rule).toEqual(step(2));
  const again = back && redone(back.history, back.rule);
  expect(again?.rule).toEqual(step(3));
  expect(again && undone(again.history, again.rule)?.rule).toEqual(step(2));
});
it('takes typing in one editor back as one change', () => {
  let history = NO_HISTORY;
  for (let n = 1; n < 5; n += 1) history = recorded(history, step(n), '0:value', n * 100);
  expect(undone(history, step(5))?.rule).toEqual(step(1));
  history = recorded(history, step(5), '0:value', 9_000);
  expect(undone(history, step(6))?.rule).toEqual(step(5));
});
it('forgets what was taken back once something else is done', () => {
  const back = undone(recorded(NO_HISTORY, step(1), null, 0), step(2));
  expect(back && redone(recorded(back.history, step(1), null, 5), step(9))).toBeNull();
});
it('has nothing before the beginning', () => {
  expect(undone(NO_HISTORY, step(1))).toBeNull();
  expect(redone(NO_HISTORY, step(1))).toBeNull();
});
