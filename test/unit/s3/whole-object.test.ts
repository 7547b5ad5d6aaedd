import { describe, expect, it } from 'vitest';
import { makeBytes } from '../../support/images.ts';
import { createS3Client } from '../../support/s3/client.ts';
import { type S3Double, type S3Fault, startS3 } from '../../support/s3/double.ts';

const { signal } = new AbortController();
const data = makeBytes(40_000);

const cut = (afterBytes: number, times: number): S3Fault => ({
  on: { operation: 'GetObject', times },
  do: { type: 'cut', afterBytes },
});

async function readAll(store: S3Double, onChunk: () => void = () => undefined): Promise<Buffer> {
  const found = await createS3Client(store).getWhole('a', signal);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of found?.chunks ?? []) {
      chunks.push(Buffer.from(chunk));
      onChunk();
    }
  } finally {
    found?.close();
  }
  return Buffer.concat(chunks);
}

describe('an object that is read to its end', () => {
  it('is requested from where it broke off', async () => {
    const store = await startS3({ objects: { a: data }, faults: [cut(10_000, 2)] });
    expect((await readAll(store)).equals(data)).toBe(true);
    const ranges = store.requests.map(({ headers }) => headers['range']);
    expect(ranges).toEqual([undefined, 'bytes=10000-39999', 'bytes=20000-39999']);
  });

  it('fails once it has broken off too often', async () => {
    const store = await startS3({ objects: { a: data }, faults: [cut(10, Infinity)] });
    await expect(readAll(store)).rejects.toMatchObject({ code: 'http.truncated' });
    expect(store.count('GetObject')).toBe(3);
  });

  it('is never assembled from two objects', async () => {
    const store = await startS3({ objects: { a: data }, faults: [cut(10_000, 1)] });
    const [object] = store.bucket().objects.values();
    if (object === undefined) throw new Error('it is not there');
    const changed = { ...object, etag: 'f'.repeat(32) };
    const read = readAll(store, () => store.apply({ type: 'putObject', bucket: 'images', object: changed }));
    await expect(read).rejects.toMatchObject({ code: 'http.truncated' });
  });

  it('that is missing is null', async () => {
    expect(await createS3Client(await startS3()).getWhole('a', signal)).toBeNull();
  });
});
