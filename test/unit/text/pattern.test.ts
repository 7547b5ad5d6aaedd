import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePattern } from '../../../src/text/pattern.ts';

const matched = (text: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => parsePattern(text)?.matches(name) === true);

/** What is written differently in a regular expression. */
const expressions = new Map([
  ['*', '.*'],
  ['?', '.'],
  ['[!b]', '[^b]'],
  ['.', '\\.'],
]);

describe('a pattern', () => {
  it.each([
    ['ubuntu-*', ['ubuntu-', 'ubuntu-24.04'], ['ubuntu', 'Ubuntu-24.04', 'my-ubuntu-24.04']],
    ['*', ['', 'a', '\u{1F600}'], []],
    ['**a**', ['a', 'bab'], ['b']],
    ['?', ['a', '\u{1F600}'], ['', 'ab']],
    ['a[0-9]c', ['a0c', 'a9c'], ['ac', 'a-c', 'a10c']],
    ['a[!0-9]c', ['axc', 'a-c'], ['a0c', 'ac']],
    ['a[^0-9]c', ['axc'], ['a0c']],
    ['[]a]', [']', 'a'], ['[', '']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[a-c-e]', ['b', '-', 'e'], ['d']],
    ['[z-a]', [], ['a', 'm', 'z', '-']],
    ['v[[:digit:]]', ['v1'], ['v', 'vd', 'v:']],
    ['v[![:alpha:]_]', ['v1', 'v-'], ['va', 'v_']],
    ['[[:nothing:]]', [], ['n', ':']],
    ['a*[', ['a[', 'axx['], ['a']],
    ['*.[qr]*', ['x.qcow2', 'x.raw'], ['x.vmdk']],
    ['web-[*]', ['web-*'], ['web-1']],
    ['a\\*', ['a\\', 'a\\b'], ['a*', 'a']],
  ])('%s means the same as in a shell', (text, yes, no) => {
    expect(matched(text, [...yes, ...no])).toEqual(yes);
  });

  it.each(['', 'ubuntu', 'web-[1]', 'a[b]c[d]', 'a[', 'a[]', '[!]', `${'a'.repeat(300)}*`])(
    '%s is not a pattern',
    (text) => expect(parsePattern(text)).toBeNull(),
  );

  it('agrees with an equivalent regular expression', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!b]', '.');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.stringMatching(/^[abc.]{0,8}$/), (pieces, name) => {
        const pattern = parsePattern(pieces.join(''));
        fc.pre(pattern !== null);
        const source = pieces.map((each) => expressions.get(each) ?? each).join('');
        expect(pattern?.matches(name)).toBe(new RegExp(`^(?:${source})$`, 's').test(name));
      }),
    );
  });

  it('takes no time even if crafted to be slow', () => {
    const pattern = parsePattern(`${'a*'.repeat(120)}b`);
    for (let round = 0; round < 1000; round++) expect(pattern?.matches('a'.repeat(255))).toBe(false);
    expect(parsePattern('*a*')?.matches('a'.repeat(1_000_000))).toBe(false);
  });
});
