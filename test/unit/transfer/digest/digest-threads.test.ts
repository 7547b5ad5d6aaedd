import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Digest } from '../../../../src/digests.ts';
import { createDigester } from '../../../../src/transfer/digest/digester.ts';
import { keepForNext } from '../../../../src/transfer/digest/digest-threads.ts';

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

it('starts anew in the middle, and takes nothing after its end while others go on', async () => {
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
