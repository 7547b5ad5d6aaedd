import fc from 'fast-check';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldName, safeFileName } from '../../../../src/transfer/files/file-name.ts';
import { worlds } from '../../../support/thoroughness.ts';
import { findShared, type OutputKinds, OutputPaths } from '../../../../src/transfer/files/output-paths.ts';

const all: OutputKinds = { record: true, corrupt: true };

/** What a download actually writes, with this key of its part. */
function written(target: string, key: string): readonly string[] {
  const at = (name: string): string => `${dirname(target)}/${name}`;
  const name = basename(target);
  const part = at(`.${name}.${key}.part`);
  const parts = [part, `${part}.json`, `${part}.json.tmp`, `${part}.claim`];
  return [target, `${target}.json`, at(`.${name}.json.tmp`), `${target}.corrupt`, ...parts];
}

describe('the paths of one call', () => {
  it.each([
    ['the same name', 'a.raw', 'a.raw', 'a.raw'],
    ['a name that differs in case', 'a.raw', 'A.RAW', 'A.RAW'],
    ['a name whose accents are encoded differently', 'caf\u00e9', 'cafe\u0301', 'cafe\u0301'],
    ['a name that differs in a letter whose upper case is two letters', 'stra\u00dfe', 'STRASSE', 'STRASSE'],
    ['the name of a record', 'a.raw', 'a.raw.json', 'a.raw.json'],
    ['a name whose record already exists', 'a.raw.json', 'a.raw', 'a.raw.json'],
    ['the name of a damaged copy', 'a.raw', 'a.raw.corrupt', 'a.raw.corrupt'],
    [
      'a name whose record is written under that of a part',
      'a',
      'a.0123456789ab.part',
      '.a.0123456789ab.part.json.tmp',
    ],
  ])('are taken once: %s', (_what, first, second, taken) => {
    const paths = new OutputPaths();
    expect(paths.claim(`/d/${first}`, all)).toBeNull();
    expect(paths.claim(`/d/${second}`, all)).toBe(`/d/${taken}`);
    expect(paths.claim(`/e/${second}`, all)).toBeNull();
  });

  it('are taken all or none', () => {
    const paths = new OutputPaths();
    expect(paths.claim('/d/b.json', all)).toBeNull();
    expect(paths.claim('/d/b', all)).toBe('/d/b.json');
    expect(paths.claim('/d/b', { record: false, corrupt: false })).toBeNull();
  });

  it('include all that are needed', () => {
    const paths = new OutputPaths();
    const none: OutputKinds = { record: false, corrupt: false };
    for (const name of ['a', 'a.json', 'a.corrupt', 'a.json.json', 'b'])
      expect(paths.claim(`/d/${name}`, none)).toBeNull();
  });

  it('are distinct in everything that is written, whatever the names of images', () => {
    const piece = fc.constantFrom(
      'a',
      'A',
      '.json',
      '.corrupt',
      '.part',
      '.tmp',
      '.lock',
      '.0123456789ab',
      '.fedcba987654',
      '.',
      'é',
    );
    const name = fc
      .array(piece, { minLength: 1, maxLength: 6 })
      .map((pieces) => safeFileName(pieces.join(''), 'id', null));
    const key = fc.constantFrom('0123456789ab', 'fedcba987654');
    fc.assert(
      fc.property(name, name, key, key, (first, second, firstKey, secondKey) => {
        const paths = new OutputPaths();
        paths.claim(`/d/${first}`, all);
        if (paths.claim(`/d/${second}`, all) !== null) return;
        const folded = written(`/d/${first}`, firstKey).map(foldName);
        for (const path of written(`/d/${second}`, secondKey)) expect(folded).not.toContain(foldName(path));
      }),
      { numRuns: worlds(500, 20_000) },
    );
  });
});

describe('targets of one call', () => {
  it.each<[string[], boolean[]]>([
    [
      ['a', 'b', 'c'],
      [false, false, false],
    ],
    [
      ['a', 'b', 'A'],
      [true, false, true],
    ],
    [
      ['a', 'a', 'a', 'b'],
      [true, true, true, false],
    ],
    [
      ['a', 'a.json', 'b'],
      [true, true, false],
    ],
    [['a'], [false]],
    [[], []],
  ])('%j share a path: %j', (names, expected) => {
    expect(
      findShared(
        names.map((name) => `/d/${name}`),
        all,
      ),
    ).toEqual(expected);
  });

  it('share none in different directories', () => {
    expect(findShared(['/d/a', '/e/a'], all)).toEqual([false, false]);
  });
});
