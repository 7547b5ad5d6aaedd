// Small images of a large mirror are read in threads: the verdicts have to be the same as if files were read one after another.
import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GlanceClient } from '../../../../../src/index.ts';
import { readIndex } from '../../../../../src/mirror/places/directory/read-index.ts';
import { compareDirectory } from '../../../../../src/mirror/places/directory/verify-mirror.ts';
import type { Verdict } from '../../../../../src/mirror/verify.ts';
import { keepForNext } from '../../../../../src/transfer/threads/thread-pool.ts';
import { InsideDirectory } from '../../../../../src/transfer/files/inside.ts';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const MiB = 1024 * 1024;
const sizes = [1, 300_000, 70_000];

async function mirrorSome(): Promise<string> {
  const images = sizes.map((size) =>
    makeEntry(makeBytes(size), { id: `of-${String(size)}`, name: 'some', disk_format: 'raw' }),
  );
  const client = await GlanceClient.connect({ endpoint: (await glance(images)).url });
  onTestFinished(() => client.close());
  const directory = join(await tempDir(), 'm');
  await client.mirror(directory).run();
  return directory;
}

/** The verdicts, the number of bytes reported as read, and the files that were opened from this thread. */
async function verify(directory: string, isOfMany: boolean, signal = new AbortController().signal) {
  const letGo = isOfMany ? keepForNext(8 * MiB) : () => undefined;
  const open = vi.spyOn(InsideDirectory.prototype, 'open');
  const verdicts: Verdict[] = [];
  let bytes = 0;
  try {
    const options = { jobs: 4, signal, isQuick: false, onBytes: (count: number) => (bytes += count) };
    for await (const verdict of compareDirectory(directory, await readIndex(directory), options))
      verdicts.push(verdict);
    return { verdicts, bytes, opened: open.mock.calls.map(([path]) => path.slice(directory.length + 1)) };
  } finally {
    open.mockRestore();
    letGo();
  }
}

it('reads sound images in threads alone if there is much to read', async () => {
  const directory = await mirrorSome();
  const [one, other] = [await verify(directory, false), await verify(directory, true)];
  expect(one.verdicts.map(({ path, status }) => [path, status])).toEqual(
    sizes.map((size) => [`of-${String(size)}/of-${String(size)}.raw`, 'ok']),
  );
  expect(one.opened).toContain('of-70000/of-70000.raw');
  expect(other.opened).toEqual(one.opened.filter((path) => !path.startsWith('of-')));
  expect([other.verdicts, other.bytes]).toEqual([one.verdicts, one.bytes]);
  expect(other.bytes).toBe(370_001);
});

it('reads none of them after the run has ended', async () => {
  const directory = await mirrorSome();
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  await expect(verify(directory, true, stop.signal)).rejects.toThrow('stopped');
});

const id = 'of-70000';
const data = `${id}/${id}.raw`;

async function change(path: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path, 'latin1');
  expect(text.search(from)).toBeGreaterThanOrEqual(0);
  await writeFile(path, text.replace(from, to), 'latin1');
}

async function moveOut(directory: string, name: string): Promise<void> {
  const elsewhere = join(directory, '..', 'elsewhere');
  await rename(join(directory, name), elsewhere);
  await symlink(elsewhere, join(directory, name));
}

const damages: readonly (readonly [what: string, damage: (directory: string) => Promise<unknown>, status: string])[] = [
  ['data that has changed', (at) => change(join(at, data), /^./su, 'x'), 'altered'],
  ['data that is longer', (at) => writeFile(join(at, data), 'more', { flag: 'a' }), 'size'],
  ['data that is shorter', (at) => truncate(join(at, data), 69_999), 'size'],
  ['data that is missing', (at) => rm(join(at, data)), 'missing'],
  ['data behind a link', (at) => moveOut(at, data), 'unreadable'],
  ['a directory in place of data', async (at) => [await rm(join(at, data)), await mkdir(join(at, data))], 'unreadable'],
  ['another record', (at) => change(join(at, id, 'image.json'), 'some', 'other'), 'forged'],
  ['a record of nearly endless length', (at) => truncate(join(at, id, 'image.json'), 8 * MiB), 'forged'],
  ['no record', (at) => rm(join(at, id, 'image.json')), 'missing'],
  ['a record behind a link', (at) => moveOut(at, `${id}/image.json`), 'unreadable'],
  ['other digests', (at) => change(join(at, id, 'digests.json'), /"(sha512":".)/u, '"md5":"","$1'), 'forged'],
  ['no digests', (at) => rm(join(at, id, 'digests.json')), 'ok'],
  ['a directory behind a link', (at) => moveOut(at, id), 'unreadable'],
];

describe.each(damages)('%s', (_what, damage, status) => {
  it('gets the same verdict in a large mirror', async () => {
    const directory = await mirrorSome();
    await damage(directory);
    const [one, other] = [await verify(directory, false), await verify(directory, true)];
    expect(one.verdicts.find(({ path }) => path.startsWith(id))).toMatchObject({ status });
    expect([other.verdicts, other.bytes]).toEqual([one.verdicts, one.bytes]);
  });
});
