import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Digest } from '../../../../src/digests.ts';
import { createDigester } from '../../../../src/transfer/digest/digester.ts';
import { digestUnseen } from '../../../../src/transfer/digest/digest-file.ts';
import { nodeFileSystem, type OpenFile } from '../../../../src/transfer/files/file-system.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { keepForNext } from '../../../../src/transfer/threads/thread-pool.ts';

const algorithms = ['md5', 'sha512'] as const;

function digestsOf(data: Buffer): readonly Digest[] {
  return algorithms.map((algorithm) => ({ algorithm, hex: createHash(algorithm).update(data).digest('hex') }));
}

async function digest(data: Buffer): Promise<readonly Digest[]> {
  const digester = createDigester(algorithms, null);
  try {
    for (let at = 0; at < data.length; at += 1000) await digester.update(data.subarray(at, at + 1000));
    return await digester.digests();
  } finally {
    digester.close();
  }
}

it.each([
  ['of a run', true],
  ['of nobody', false],
])('keeps many images apart in the threads %s', async (_whose, isKept) => {
  const letGo = isKept ? keepForNext() : (): void => undefined;
  const images = Array.from({ length: 8 }, (_, index) => Buffer.alloc(5000 + index, index));
  for (let round = 0; round < 2; round++) {
    expect(await Promise.all(images.map(digest))).toEqual(images.map(digestsOf));
  }
  letGo();
});

it('restarts in the middle, and accepts nothing after its end while others continue', async () => {
  const letGo = keepForNext();
  const [first, second] = [createDigester(algorithms, null), createDigester(algorithms, null)];
  await first.update(Buffer.from('lost'));
  await second.update(Buffer.from('some '));
  first.reset();
  await first.update(Buffer.from('data'));
  expect(await first.digests()).toEqual(digestsOf(Buffer.from('data')));
  first.close();
  first.close();
  await expect(first.update(Buffer.from('more'))).rejects.toThrow('ended');
  await expect(first.digests()).rejects.toThrow('ended');
  await second.update(Buffer.from('data'));
  expect(await second.digests()).toEqual(digestsOf(Buffer.from('some data')));
  second.close();
  letGo();
});

/** A run in which small images are worth a thread. */
function runOfMany(): () => void {
  const letGo = keepForNext();
  for (let count = 0; count < 2; count++) createDigester(algorithms, 5 * 1024 * 1024).close();
  return letGo;
}

it('digests a small image of known size, in any number of pieces, and again after a reset', async () => {
  const letGo = runOfMany();
  const data = Buffer.alloc(100_000, 'small');
  const digester = createDigester(algorithms, data.length);
  for (const pieces of [1, 3]) {
    for (let piece = 0; piece < pieces; piece++) {
      const [from, to] = [piece, piece + 1].map((at) => Math.floor((at * data.length) / pieces));
      await digester.update(data.subarray(from, to));
    }
    expect(await digester.digests()).toEqual(digestsOf(data));
    expect(await digester.digests()).toEqual(digestsOf(data));
    digester.reset();
  }
  await digester.update(data);
  await digester.update(Buffer.from('more'));
  expect(await digester.digests()).toEqual(digestsOf(Buffer.concat([data, Buffer.from('more')])));
  digester.close();
  await expect(digester.digests()).rejects.toThrow('ended');
  letGo();
});

it('reads small files in the threads of a run, and reports why one of them cannot be read', async () => {
  const letGo = runOfMany();
  const directory = await tempDir();
  const data = Buffer.alloc(300_000, 'file');
  const path = join(directory, 'file');
  await writeFile(path, data);
  const counts: number[] = [];
  const read = (file: OpenFile): Promise<readonly Digest[]> =>
    digestUnseen(file, data.length, algorithms, new AbortController().signal, (count) => counts.push(count));
  const files = [
    await nodeFileSystem.open(path, constants.O_RDONLY, 0),
    await nodeFileSystem.open(directory, constants.O_RDONLY, 0),
  ];
  const [good, bad] = await Promise.allSettled(files.map(read));
  for (const file of files) await file.close();
  expect(good).toEqual({ status: 'fulfilled', value: digestsOf(data) });
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'EISDIR' } });
  expect(counts).toEqual([data.length]);
  letGo();
});
