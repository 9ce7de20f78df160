import { describe, expect, it } from 'vitest';
import { countConditions, type Rule } from './rule';
import { pathKey, type RulePath, ruleAt } from './ruleEdit';
import { groupPathOf, outerOf, type Place, placeBeside, relocate, stepAt } from './ruleMoves';

const sample = (salt: string): Rule => ({ type: 'sample', percent: 10, salt });
const all = (...rules: Rule[]): Rule => ({ type: 'all', rules });
const any = (...rules: Rule[]): Rule => ({ type: 'any', rules });
const not = (rule: Rule): Rule => ({ type: 'not', rule });
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(sample) as [Rule, Rule, Rule, Rule, Rule];

/** all(a, any(b, c), not(any(d)), e) */
const root = all(a, any(b, c), not(any(d)), e);

function* everyPath(rule: Rule, path: RulePath = []): Generator<RulePath> {
  yield path;
  const inner = 'rules' in rule ? rule.rules : 'rule' in rule ? [rule.rule] : [];
  for (const [i, each] of inner.entries()) yield* everyPath(each, [...path, i]);
}

describe('moving', () => {
  it('puts a rule among its siblings', () => {
    expect(relocate(root, [0], { group: [], index: 4 })).toEqual({
      root: all(any(b, c), not(any(d)), e, a),
      path: [3],
    });
    expect(relocate(root, [3], { group: [], index: 0 })).toEqual({
      root: all(e, a, any(b, c), not(any(d))),
      path: [0],
    });
  });
  it('crosses into a group below and a group above', () => {
    expect(relocate(root, [0], { group: [1], index: 1 })).toEqual({
      root: all(any(b, a, c), not(any(d)), e),
      path: [0, 1],
    });
    expect(relocate(root, [3], { group: [2, 0], index: 0 })).toEqual({
      root: all(a, any(b, c), not(any(e, d))),
      path: [2, 0, 0],
    });
    expect(relocate(root, [1, 0], { group: [2, 0], index: 1 })).toEqual({
      root: all(a, any(c), not(any(d, b)), e),
      path: [2, 0, 1],
    });
  });
  it('carries a whole group, and leaves an emptied one to be filled', () => {
    expect(relocate(root, [1], { group: [2, 0], index: 1 })?.root).toEqual(
      all(a, not(any(d, any(b, c))), e),
    );
    expect(relocate(root, [2, 0, 0], { group: [], index: 0 })?.root).toEqual(
      all(d, a, any(b, c), not(any()), e),
    );
  });
  it('refuses to go into itself, nowhere, or where it stands', () => {
    expect(relocate(root, [1], { group: [1], index: 0 })).toBeNull();
    expect(relocate(root, [1], { group: [], index: 1 })).toBeNull();
    expect(relocate(root, [1], { group: [], index: 2 })).toBeNull();
    expect(relocate(root, [9], { group: [], index: 0 })).toBeNull();
    expect(relocate(root, [], { group: [1], index: 0 })).toBeNull();
    expect(relocate(root, [0], { group: [3], index: 0 })).toBeNull();
  });
  it('loses nothing and says where the rule went, for every rule and every place', () => {
    const paths = [...everyPath(root)];
    let moves = 0;
    for (const from of paths.filter((path) => pathKey(outerOf(root, path)) === pathKey(path))) {
      for (const group of paths) {
        for (let index = 0; index <= 4; index += 1) {
          const moved = relocate(root, from, { group, index } satisfies Place);
          if (!moved) continue;
          moves += 1;
          expect(countConditions(moved.root)).toBe(countConditions(root));
          expect(ruleAt(moved.root, moved.path)).toEqual(ruleAt(root, from));
        }
      }
    }
    expect(moves).toBeGreaterThan(60);
  });
});

describe('a step by keyboard', () => {
  it('goes up and down among the siblings, and stops at the ends', () => {
    expect(stepAt(root, [0], 'up')).toBeNull();
    expect(stepAt(root, [0], 'down')?.path).toEqual([1]);
    expect(stepAt(root, [1, 1], 'up')?.root).toEqual(all(a, any(c, b), not(any(d)), e));
    expect(stepAt(root, [1, 1], 'down')).toBeNull();
  });
  it('goes into the group above, or else the one below', () => {
    expect(stepAt(root, [3], 'in')?.root).toEqual(all(a, any(b, c), not(any(d, e))));
    expect(stepAt(root, [0], 'in')?.root).toEqual(all(any(a, b, c), not(any(d)), e));
    expect(stepAt(root, [1, 0], 'in')).toBeNull();
  });
  it('goes out behind its group, also out of a negated one', () => {
    expect(stepAt(root, [1, 0], 'out')?.root).toEqual(all(a, any(c), b, not(any(d)), e));
    expect(stepAt(root, [2, 0, 0], 'out')?.root).toEqual(all(a, any(b, c), not(any()), d, e));
    expect(stepAt(root, [0], 'out')).toBeNull();
    expect(placeBeside(not(any(a)), [0, 0], 'out')).toBeNull();
  });
  it('undoes itself', () => {
    const down = stepAt(root, [0], 'down');
    expect(down && stepAt(down.root, down.path, 'up')?.root).toEqual(root);
  });
});

it('finds the group within a not, and the not around a group', () => {
  expect(groupPathOf(root, [2])).toEqual([2, 0]);
  expect(groupPathOf(root, [0])).toBeNull();
  expect(outerOf(root, [2, 0])).toEqual([2]);
  expect(outerOf(root, [1])).toEqual([1]);
});
