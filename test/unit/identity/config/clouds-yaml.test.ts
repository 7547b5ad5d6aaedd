import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseConfig } from '../../../../src/identity/config/clouds-yaml.ts';
import type { ConfigNode } from '../../../../src/identity/config/node.ts';
import { anyCharacter } from '../../../support/any-text.ts';

function valueOf(yaml: string): ConfigNode | undefined {
  return parseConfig(yaml).get('v');
}

describe('parseConfig', () => {
  test.each([
    ['0123', '0123'],
    ['1e5', '1e5'],
    ['0x1F', '0x1F'],
    ['1_000', '1_000'],
    ['10:30', '10:30'],
    ['.inf', '.inf'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['1.10', '1.10'],
    ['2026-01-31', '2026-01-31'],
    ['true', 'true'],
    ['Yes', 'Yes'],
    ['off', 'off'],
    ['!!str 0123', '0123'],
    ['!!int 0123', '0123'],
    [`'it''s'`, `it's`],
    ['"a\\tb\\u00e9\\n"', 'a\tbé\n'],
    ['p#w d # comment', 'p#w d'],
    ['"null"', 'null'],
    [`'~'`, '~'],
    [`''`, ''],
    ['|\n  x\n  y', 'x\ny\n'],
    ['|-\n  x', 'x'],
    ['>-\n  x\n  y', 'x y'],
  ])('reads %j as the text %j', (yaml, expected) => {
    expect(valueOf(`v: ${yaml}\n`)).toBe(expected);
  });

  test.each(['', '~', 'null', 'Null', 'NULL', '# comment'])('reads %j as unset', (yaml) => {
    expect(valueOf(`v: ${yaml}\n`)).toBeNull();
  });

  it('gives any quoted scalar back exactly, in YAML and in JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(valueOf(`v: ${JSON.stringify(text)}`)).toBe(text);
        expect(valueOf(JSON.stringify({ a: 1, v: text }, null, '\t'))).toBe(text);
      }),
    );
  });

  it('gives any printable single-quoted scalar back exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(valueOf(`v: '${text.replaceAll("'", "''")}'`)).toBe(text);
      }),
    );
  });

  it('keeps names that every object has apart from data', () => {
    const map = parseConfig('__proto__: {polluted: yes}\nconstructor: x\n');
    expect([...map.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes the last of a repeated name, as PyYAML does', () => {
    expect(valueOf('v: 1\nv: 2\n')).toBe('2');
  });

  it('follows anchors and merges: its own values first, then the first of the merged', () => {
    const map = parseConfig('a: &a {x: 1, y: 1, z: 1}\nb: &b {y: 2, z: 2}\nv: {<<: [*b, *a], z: 3}\n');
    expect(map.get('v')).toEqual(
      new Map([
        ['x', '1'],
        ['y', '2'],
        ['z', '3'],
      ]),
    );
  });

  it('resolves an alias to the last anchor of that name before it', () => {
    const map = parseConfig('a: &n 1\nb: *n\nc: &n 2\nd: *n\ne: &outer {x: &n 3}\nf: &n 4\ng: *outer\nv: *n\n');
    expect(['b', 'd', 'v'].map((name) => map.get(name))).toEqual(['1', '2', '4']);
  });

  it('resolves thousands of aliases without searching the file for each', () => {
    const anchors = Array.from({ length: 4000 }, (_, index) => `k${String(index)}: &a${String(index)} x\n`);
    const aliases = Array.from({ length: 4000 }, (_, index) => `*a${String(index)}`);
    expect(valueOf(`${anchors.join('')}v: [${aliases.join()}]`)).toEqual(Array.from({ length: 4000 }, () => 'x'));
  });

  it('treats a quoted << like any other name', () => {
    expect(valueOf('v: {"<<": x}')).toEqual(new Map([['<<', 'x']]));
  });

  it('accepts a byte order mark, comments and an empty file', () => {
    expect(parseConfig('').size).toBe(0);
    expect(parseConfig('# nothing\n').size).toBe(0);
    expect(parseConfig('\ufeffv: 1').get('v')).toBe('1');
  });

  const laughs = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
    laughs.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join()}]`);
  }

  test.each([
    ['aliases that repeat without end', laughs.join('\n'), /aliases repeat/],
    ['a map that contains itself', 'v: &v {w: *v}', /nested too deeply|aliases repeat/],
    ['an alias of nothing', 'v: *v', /refers to v/],
    ['a tag of Python', 'v: !!python/object/apply:os.system [id]', /tag/],
    ['a tag of its own', 'v: !vault secret', /tag/],
    ['binary data', 'v: !!binary aGk=', /tag/],
    ['a list', '- v', /no settings/],
    ['text', 'v', /no settings/],
    ['two documents', 'v: 1\n---\nv: 2\n', /not valid YAML/],
    ['tabs for indentation', 'v:\n\tw: 1', /line 2/],
    ['a bracket that is not closed', 'v: [1\nw: 2', /not valid YAML/],
    ['a list for a name', '? [x, y]\n: z', /as a name/],
    ['a merge of text', 'v: {<<: x}', /merges/],
    ['depth', 'v: '.padEnd(203, '[').padEnd(403, ']'), /too deeply/],
    ['ten thousand open brackets', '['.repeat(10_000), /not valid YAML/],
    ['ten thousand lists in lists', '- '.repeat(10_000), /not valid YAML/],
    ['ten thousand question marks', '? '.repeat(10_000), /not valid YAML/],
    ['half a million open brackets', '['.repeat(500_000), /too many parts/],
    ['a hundred thousand lists in lists', '- '.repeat(100_000), /too many parts/],
    ['a hundred thousand question marks', '? '.repeat(100_000), /too many parts/],
    ['a hundred thousand anchors', '&a '.repeat(100_000), /too many parts/],
    ['a hundred thousand settings', 'v: x\n'.repeat(100_000), /too many parts/],
    ['an alias of what comes later', 'v: *w\nw: &w x', /refers to w/],
  ])('refuses %s', (_what, yaml, message) => {
    expect(() => parseConfig(yaml)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) }),
    );
  });

  it('never shows the faulty line, which may contain a password', () => {
    expect(() => parseConfig('v:\n  password: "s3cr3t\n')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    );
  });

  it('reads or refuses any text, and never fails otherwise', () => {
    const pieces = [
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a ',
      '*a',
      '"',
      "'",
      '!',
      '|',
      '<<',
      '? ',
      '#',
    ];
    const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: anyCharacter, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        try {
          expect(parseConfig(parts.join(''))).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toMatchObject({ code: 'config.invalid' });
        }
      }),
    );
  });
});
