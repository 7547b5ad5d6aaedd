import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortNaturally } from '../../../src/text/natural.ts';

const sort = (names: readonly (string | null)[]): (string | null)[] => sortNaturally(names, (name) => name);

describe('sortNaturally', () => {
  it.each([
    [
      ['ubuntu-10', 'ubuntu-9', 'Ubuntu-8'],
      ['Ubuntu-8', 'ubuntu-9', 'ubuntu-10'],
    ],
    [
      ['b', 'A', 'a', 'B'],
      ['A', 'a', 'B', 'b'],
    ],
    [
      ['22.04.10', '22.04', '22.04.9', '9.1'],
      ['9.1', '22.04', '22.04.9', '22.04.10'],
    ],
    [
      ['x01', 'x1', 'x001', 'x2', 'x'],
      ['x', 'x001', 'x01', 'x1', 'x2'],
    ],
    [
      ['a0', 'a', 'a00b', 'a0a'],
      ['a', 'a0', 'a0a', 'a00b'],
    ],
    [
      ['b', null, 'a', ''],
      [null, '', 'a', 'b'],
    ],
    [
      ['２', 'Ä', 'z', '١', 'ä'],
      ['z', 'Ä', 'ä', '١', '２'],
    ],
    [
      ['a 9007199254740993', 'a 9007199254740992', 'a 10'],
      ['a 10', 'a 9007199254740992', 'a 9007199254740993'],
    ],
  ])('turns %j into %j', (names, sorted) => {
    expect(sort(names)).toEqual(sorted);
  });

  it('keeps the order of equal names, and the array unchanged', () => {
    const items = [3, 1, 2].map((id) => ({ id, name: 'twin' }));
    expect(sortNaturally(items, ({ name }) => name).map(({ id }) => id)).toEqual([3, 1, 2]);
    expect(items.map(({ id }) => id)).toEqual([3, 1, 2]);
  });

  it('gives one order for the same names, whatever their original order', () => {
    const name = fc
      .array(fc.constantFrom('a', 'A', 'b', '0', '00', '1', '10', '9', '-', 'é'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        expect(sort(names.toReversed())).toEqual(sort(names));
        expect(sort(sort(names))).toEqual(sort(names));
      }),
    );
  });
});
