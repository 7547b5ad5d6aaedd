// index.json and the files that it lists as untrusted input: nobody can make it cost more than a mirror's own would.
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDirectory } from '../../../src/server/directory/directory.ts';
import { formatIndex, makeFailure, parseIndex } from '../../../src/mirror/index-file.ts';
import { EntryStore } from '../../../src/mirror/entry-store.ts';
import { readIndex } from '../../../src/mirror/places/directory/read-index.ts';
import { glance } from '../../support/glance.ts';
import { makeEntry, makeImage } from '../../support/images.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const head = '{"schema":1,"images":[\n';
const tail = '],"failed":[\n]}\n';

async function mirrorWith(index: string, size?: number): Promise<string> {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'm'));
  await writeFile(join(cwd, 'm/index.json'), index);
  if (size !== undefined) await truncate(join(cwd, 'm/index.json'), size);
  return cwd;
}

describe('an index', () => {
  it.each([
    ['of one line of 600 MB', head, 600_000_000],
    ['of one line', head + 'x'.repeat(70_000), undefined],
    ['of one line of zeros', head, 1_000_000],
    ['with a line that is longer than any valid one', `${head}${'x'.repeat(70_000)}\n${tail}`, undefined],
    [
      'with a line that crosses the boundary of what is read at once',
      `${head}${`${'x'.repeat(1000)}\n`.repeat(300)}${'y'.repeat(70_000)}`,
    ],
  ])(
    '%s is not accepted as an index by verify, mirror and serve',
    async (_what: string, text: string, size?: number) => {
      const cwd = await mirrorWith(text, size);
      const invalid = { code: 'metadata.invalid' };
      await expect(readIndex(join(cwd, 'm'))).rejects.toMatchObject(invalid);
      await expect(listDirectory(join(cwd, 'm'), null)).rejects.toMatchObject(invalid);
      const verified = await runCli(['verify', 'm', '-f', 'json'], { cwd });
      expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([
        6,
        [{ path: 'index.json', status: 'forged' }],
      ]);
      const mirrored = await (await glance([])).cli(['mirror', 'm', '-f', 'json'], { cwd });
      expect([mirrored.code, mirrored.error()['code']]).toEqual([7, 'metadata.invalid']);
      expect(mirrored.stderr.length).toBeLessThan(1000);
    },
  );

  it('reads back as written, at any length, with either kind of line ending', async () => {
    const entries = new EntryStore();
    for (let count = 0; count < 3000; count++) {
      const id = `i${String(count)}`;
      const digests = [{ algorithm: 'md5', hex: 'ab'.repeat(16) }] as const;
      entries.set({ id, file: `${id}/${id}.raw`, size: count, digests, record: 'c'.repeat(64) });
    }
    const failures = new Map([['f', makeFailure(makeImage({ id: 'f' }), 'integrity.digest', 'ä'.repeat(100_000))]]);
    const text = [...formatIndex({ entries, failures })].join('');
    for (const written of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
      const read = await readIndex(join(await mirrorWith(written), 'm'));
      expect([...formatIndex(read)].join('')).toBe(text);
    }
  });

  it('lists no more images than a mirror may have', async () => {
    const lines = async function* (): AsyncGenerator<string> {
      yield head.trimEnd();
      for (let count = 0; count < 5; count++) {
        const id = `i${String(count)}`;
        yield JSON.stringify({
          id,
          file: `${id}/${id}.raw`,
          size: 1,
          record: 'c'.repeat(64),
          digests: { md5: 'a'.repeat(32) },
        });
      }
      yield* tail.trimEnd().split('\n');
    };
    expect((await parseIndex(lines(), 'index.json', 5)).entries.size).toBe(5);
    await expect(parseIndex(lines(), 'index.json', 4)).rejects.toMatchObject({ code: 'metadata.invalid' });
  });
});

it.each([
  ['a record', '1/image.json', 'forged'],
  ['a list of checksums', 'SHA512SUMS', 'forged'],
])('%s of 3 GB is rejected without being read', async (_what, path, status) => {
  const cwd = await tempDir();
  await (await glance([makeEntry('data', { id: '1' })])).cli(['mirror', 'm', '--progress', 'none'], { cwd });
  await truncate(join(cwd, 'm', path), 3_000_000_000);
  const result = await runCli(['verify', 'm', '-f', 'json'], { cwd });
  expect(result.code).toBe(6);
  const verdicts = JSON.parse(result.stdout) as { path: string; status: string }[];
  expect(verdicts.filter((each) => each.status !== 'ok').map((each) => [each.path, each.status])).toEqual([
    [path, status],
  ]);
});
