import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toPython } from '../../../../src/output/compat/python.ts';
import { dumpYaml } from '../../../../src/output/compat/yaml.ts';

describe('YAML as PyYAML writes it', () => {
  it.each([
    ['yes', "'yes'"],
    ['007', "'007'"],
    ['12:30:45', "'12:30:45'"],
    ['2024-01-01', "'2024-01-01'"],
    ['', "''"],
    ['~', "'~'"],
    ['<<', "'<<'"],
    ['a: b', "'a: b'"],
    ['a:b', 'a:b'],
    ['a #b', "'a #b'"],
    ["it's", "it's"],
    ["'quoted'", "'''quoted'''"],
    [' blank', "' blank'"],
    ['é', String.raw`"\xE9"`],
    ['😀', String.raw`"\U0001F600"`],
    ['two\nlines', "'two\n\n  lines'"],
    ['two\r\nlines', String.raw`"two\r\nlines"`],
    ['two \nlines', String.raw`"two \nlines"`],
    ['- a', "'- a'"],
    ['-a', '-a'],
    ['---', "'---'"],
  ])('writes %j as %s', (text, written) => {
    expect(dumpYaml(new Map([['k', text]]))).toBe(`k: ${written}\n`);
  });

  it('folds long texts at the first blank after column 80', () => {
    const text = 'word '.repeat(20).trim();
    const [first, rest] = ['word '.repeat(16).trim(), 'word word word word'];
    expect(dumpYaml(new Map([['k', text]]))).toBe(`k: ${first}\n  ${rest}\n`);
    expect(dumpYaml(new Map([['k', `- ${text}`]]))).toBe(`k: '- ${first}\n  ${rest}'\n`);
    expect(dumpYaml(new Map([['k', `é${text}`]]))).toBe(
      `k: "\\xE9${'word '.repeat(15).trim()}\\\n  \\ word ${rest}"\n`,
    );
  });

  it('puts long keys behind a question mark', () => {
    const key = 'k'.repeat(123);
    expect(dumpYaml(new Map([[key, 'v']]))).toBe(`? ${key}\n: v\n`);
    expect(dumpYaml(new Map([[key.slice(1), 'v']]))).toBe(`${key.slice(1)}: v\n`);
  });

  it('sorts keys and does not indent lists in them', () => {
    const value = toPython({ b: ['x', { d: 1, c: [] }], a: { f: 0.5, e: null, g: {} }, B: true });
    expect(dumpYaml(value)).toBe('B: true\na:\n  e: null\n  f: 0.5\n  g: {}\nb:\n- x\n- c: []\n  d: 1\n');
  });

  it('reads back as the same texts', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('word', ' ', '\n', "'", '"', ':', '#', '-', '\\', 'é', '\t'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.dictionary(text, text), (texts) => {
        const yaml = dumpYaml(new Map(Object.entries(texts)));
        expect(yaml).toMatch(/^[\n\x20-\x7e]*$/);
        expect(parse(yaml, { schema: 'failsafe', mapAsMap: true })).toEqual(new Map(Object.entries(texts)));
      }),
    );
  });
});
