import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findListed } from '../../../../src/client/checksums/find-listed.ts';
import { parseChecksums } from '../../../../src/client/checksums/parse-list.ts';
import { GlanceError } from '../../../../src/errors.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const long = 'C'.repeat(128);
const parse = (text: string): readonly unknown[] =>
  parseChecksums(Buffer.from(text)).map(({ name, digest: { algorithm, hex } }) => [name, algorithm, hex]);

describe('a list of checksums', () => {
  it.each([
    [
      'as the coreutils write it',
      `${a}  x.img\n${b} *y z.img\n`,
      [
        ['x.img', 'sha256', a],
        ['y z.img', 'sha256', b],
      ],
    ],
    [
      'with one blank, tabs and paths',
      `${a} ./x.img\n${b}\tsub/y.img`,
      [
        ['x.img', 'sha256', a],
        ['sub/y.img', 'sha256', b],
      ],
    ],
    ["in BSD's style", `SHA256 (x (1).img) = ${a}\nMD5 (x) = 1\nFOO (x) = ${a}`, [['x (1).img', 'sha256', a]]],
    [
      "in OpenSSL's",
      `SHA2-256(y.img)= ${a}\nSHA512(x.img)= ${long}`,
      [
        ['y.img', 'sha256', a],
        ['x.img', 'sha512', long.toLowerCase()],
      ],
    ],
    [
      'in BLAKE2, recognisable only by a word',
      `BLAKE2b (x.img) = ${long}`,
      [['x.img', 'blake2b512', long.toLowerCase()]],
    ],
    [
      'by the length of each digest',
      `${'1'.repeat(32)}  m\n${'2'.repeat(40)}  s\n${'3'.repeat(96)}  t\n${long}  u`,
      [
        ['m', 'md5', '1'.repeat(32)],
        ['s', 'sha1', '2'.repeat(40)],
        ['t', 'sha384', '3'.repeat(96)],
        ['u', 'sha512', long.toLowerCase()],
      ],
    ],
    ['with escaped names', `\\${a}  x\\ny\\\\z\n`, [['x\ny\\z', 'sha256', a]]],
    [
      'with CRLF and a byte order mark',
      `\uFEFF${a}  x.img\r\n${b}  y.img\r\n`,
      [
        ['x.img', 'sha256', a],
        ['y.img', 'sha256', b],
      ],
    ],
    ['of a digest alone', ` \n${a}\n`, [[null, 'sha256', a]]],
    [
      'with comments',
      `# Fedora: 123 bytes\n\n; ${a}\n${a}  x.img # not a comment\n`,
      [['x.img # not a comment', 'sha256', a]],
    ],
  ])('is read %s', (_how, text, entries) => {
    expect(parse(text)).toEqual(entries);
  });

  it('is read within a signature, which is not checked', () => {
    const signed = [
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA256',
      '',
      `${a}  x.img`,
      '-----BEGIN PGP SIGNATURE-----',
      '',
      b,
      '-----END PGP SIGNATURE-----',
      `${b}  y.img`,
    ];
    expect(parse(signed.join('\n'))).toEqual([
      ['x.img', 'sha256', a],
      ['y.img', 'sha256', b],
    ]);
  });

  it('is read in the encoding that PowerShell writes', () => {
    const bytes = Buffer.from(`\uFEFF${a}  x.img\r\n`, 'utf16le');
    expect(parseChecksums(bytes)).toMatchObject([{ name: 'x.img', digest: { hex: a } }]);
  });

  it('gives only digests of the right length, whatever it contains', () => {
    const line = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(a, long, 'MD5 (', '\\'), fc.string()).map((two) => two.join('')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const { digest } of parseChecksums(Buffer.from(lines.join('\n'))))
          expect(digest.hex).toMatch(/^[0-9a-f]{32,128}$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the entry of a name', () => {
  const find = (text: string, name: string): unknown =>
    findListed({ source: 'LIST', listed: parseChecksums(Buffer.from(text)) }, name).map(({ hex }) => hex);
  const codeOf = (text: string, name: string): unknown => {
    try {
      return find(text, name);
    } catch (error) {
      return error instanceof GlanceError ? { code: error.code, hint: error.facts.hint } : error;
    }
  };

  it('matches exactly this name, before one whose path ends in it', () => {
    expect(find(`${a}  old/x.img\n${b}  x.img\n`, 'x.img')).toEqual([b]);
    expect(find(`${a}  old/x.img\n`, 'x.img')).toEqual([a]);
    expect(find(`${a}  old/x.img\n${b}  new/x.img\n`, 'new/x.img')).toEqual([b]);
  });

  it('gives all algorithms, strongest first, with duplicates once', () => {
    const md5 = '0'.repeat(32);
    expect(find(`${md5}  x\n${a}  x\n${a}  ./x\n`, 'x')).toEqual([a, md5]);
  });

  it('is the only digest of a list without names', () => {
    expect(find(a, 'anything')).toEqual([a]);
    expect(codeOf(`${a}\n${b}`, 'x')).toMatchObject({ code: 'integrity.unprovable' });
  });

  it('is refused if two differ', () => {
    expect(codeOf(`${a}  x\n${b}  x`, 'x')).toMatchObject({ code: 'integrity.contradiction' });
    expect(codeOf(`${a}  p/x\n${b}  q/x`, 'x')).toMatchObject({ code: 'integrity.contradiction' });
  });

  it('suggests similar names if there is none', () => {
    expect(codeOf(`${a}  noble-amd64.img\n${b}  noble-arm64.img`, 'noble-amd64.qcow2')).toEqual({
      code: 'integrity.unprovable',
      hint: expect.stringMatching(/^it has checksums for "noble-amd64\.img".* give its name as `againstName`$/),
    });
    expect(codeOf('<html>\n', 'x')).toEqual({
      code: 'integrity.unprovable',
      hint: expect.stringContaining('it may be a web page'),
    });
  });
});
