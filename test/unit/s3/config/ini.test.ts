import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseIni, type Sections } from '../../../../src/s3/config/ini.ts';

function plain(sections: Sections): unknown {
  return Object.fromEntries(
    [...sections].map(([title, section]) => [
      title,
      Object.fromEntries(
        [...section].map(([name, value]) => [name, typeof value === 'string' ? value : Object.fromEntries(value)]),
      ),
    ]),
  );
}

describe("the format of AWS's shared files", () => {
  test.each([
    ['nothing', '', {}],
    [
      'a profile',
      '[default]\naws_access_key_id = AKIA\nregion=eu-west-1\n',
      {
        default: { aws_access_key_id: 'AKIA', region: 'eu-west-1' },
      },
    ],
    ['lines of Windows, and a byte order mark', '\uFEFF[a]\r\nb = c\r\n', { a: { b: 'c' } }],
    ['comments on lines of their own', '# x\n[a] ; y\n; z\n  # w\nb = c\n', { a: { b: 'c' } }],
    [
      'a comment after white space, and none within a value',
      '[a]\nb = c # d\ne = f#g;h\n',
      { a: { b: 'c', e: 'f#g;h' } },
    ],
    ['a value with = and : in it', '[a]\nb = c=d:e\n', { a: { b: 'c=d:e' } }],
    ['a colon for =', '[a]\nb: c\n', { a: { b: 'c' } }],
    ['names in any case', '[A]\nRegion = X\n', { A: { region: 'X' } }],
    ['settings that are indented, all alike', '[a]\n  b = 1\n  c = 2\n', { a: { b: '1', c: '2' } }],
    [
      'settings below another',
      '[a]\ns3 =\n  endpoint_url = http://h\n  x = y\nregion = z\n',
      {
        a: { s3: { endpoint_url: 'http://h', x: 'y' }, region: 'z' },
      },
    ],
    ['a value that continues on the next line', '[a]\nb = c\n  d\n\n  e\n', { a: { b: 'c\nd\ne' } }],
    ['a section twice', '[a]\nb = 1\nc = 1\n[d]\n[a]\nc = 2\n', { a: { b: '1', c: '2' }, d: {} }],
    ['names of the language', '[__proto__]\nconstructor = 1\n', { ['__proto__']: { constructor: '1' } }],
    ['an empty value', '[a]\nb =\nc = d\n', { a: { b: '', c: 'd' } }],
  ])('has %s', (_what, text, expected) => {
    expect(plain(parseIni(text))).toEqual(expected);
  });

  test.each([
    ['a setting without a section', 'a = s3cret', /^line 1 is a setting outside of any \[section\]$/],
    ['a line that makes no sense', '[a]\n\ns3cret', /^line 3 is neither a \[section\] nor a setting, NAME = VALUE$/],
    ['a value without a name', '[a]\n= s3cret', /^line 2 is neither/],
    ['a section that is left open', '[s3cret', /^line 1 opens a section and does not close it/],
    [
      'an indented line that is not a setting',
      '[a]\nb =\n  s3cret',
      /^line 3 is indented below a setting without a value/,
    ],
  ])('has no %s, and says so without quoting the line', (_what, text, message) => {
    expect(() => parseIni(text)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) as string }) as Error,
    );
    expect(() => parseIni(text)).not.toThrow(/s3cret/);
  });

  it('reads back what was written', () => {
    const word = fc.stringMatching(/^[a-z_]{1,12}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9/+=:.]{1,40}$/);
    const file = fc.dictionary(word, fc.dictionary(word, value), { noNullPrototype: true });
    fc.assert(
      fc.property(file, (sections) => {
        const lines = Object.entries(sections).flatMap(([title, settings]) => [
          `[${title}]`,
          ...Object.entries(settings).map(([name, text]) => `${name} = ${text}`),
        ]);
        expect(plain(parseIni(lines.join('\n')))).toEqual(sections);
      }),
    );
  });
});
