import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCodePoints, repr, str, toPython } from '../../../../src/output/compat/python.ts';
import { anyCharacter } from '../../../support/any-text.ts';

const characters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

/** Reads a Python string literal. */
function parseLiteral(literal: string): string {
  const quote = literal.at(0);
  if ((quote !== "'" && quote !== '"') || literal.at(-1) !== quote || literal.length < 2) throw new Error(literal);
  const inner = literal.slice(1, -1);
  const pieces = /\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\([nrt\\'"])|([^\\])/gsuy;
  let text = '';
  let end = 0;
  for (const match of inner.matchAll(pieces)) {
    const [piece, byte, unit, point, letter, plain] = match;
    if (plain === quote) throw new Error(`a bare quote in ${literal}`);
    const hex = byte ?? unit ?? point;
    text +=
      hex === undefined ? (plain ?? characters[letter ?? ''] ?? '') : String.fromCodePoint(Number.parseInt(hex, 16));
    end += piece.length;
  }
  if (end !== inner.length) throw new Error(`not a literal: ${literal}`);
  return text;
}

describe("Python's repr", () => {
  it('of any text can be read back', () => {
    const quotes = fc.string({ unit: fc.constantFrom("'", '"', '\\', 'a', '\n', '\x1b', '\u202e') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), quotes), (text) => {
        expect(parseLiteral(repr(text))).toBe(text);
      }),
    );
  });

  it('leaves nothing in a text that can control a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(repr(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it.each([
    ["it's", `"it's"`],
    [`it's "it"`, `'it\\'s "it"'`],
    ['a\\b\n\r\t\x00\x7f', String.raw`'a\\b\n\r\t\x00\x7f'`],
    ['é ☃ 日本 😀', `'é ☃ 日本 😀'`],
    ['\u00a0\u3000\u2028\ufeff\u{e0001}', String.raw`'\xa0\u3000\u2028\ufeff\U000e0001'`],
  ])('quotes %j as Python does', (text, literal) => {
    expect(repr(text)).toBe(literal);
  });

  it('shows values that are not text', () => {
    const value = toPython({ none: null, yes: true, no: false, whole: 3, part: 0.5, list: ['a', []], dict: {} });
    expect(repr(value)).toBe(
      "{'none': None, 'yes': True, 'no': False, 'whole': 3, 'part': 0.5, 'list': ['a', []], 'dict': {}}",
    );
    expect(str('text')).toBe('text');
  });

  it.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [123_456.789, '123456.789'],
    [-1e15, '-1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('shows the float %d as %s', (float, text) => {
    expect(repr({ float })).toBe(text);
  });

  it('of a float reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (float) => {
        expect(Number(repr({ float }))).toBe(float);
      }),
    );
  });
});

describe('the order of code points', () => {
  it('puts characters beyond the basic plane last', () => {
    expect(['😀', '\uffe0', 'a', '', 'ab', 'B'].toSorted(compareCodePoints)).toEqual([
      '',
      'B',
      'a',
      'ab',
      '\uffe0',
      '😀',
    ]);
  });
});
