// Files of a mirror in a bucket, by the names they have there.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BucketFiles, digestChunks } from '../../../../../src/mirror/places/bucket/bucket-files.ts';
import { createS3Client } from '../../../../support/s3/client.ts';
import { startS3 } from '../../../../support/s3/double.ts';

const { signal } = new AbortController();
const range = { offset: 2, length: 3 };

describe('a range of image data', () => {
  it.each([
    ['replaced', 'p/id/id.raw', 'another'],
    ['removed', 'p/id/gone.raw', 'any'],
  ])('is said to be %s, and not requested again', async (what, key, etag) => {
    const double = await startS3({ objects: { 'p/id/id.raw': Buffer.from('0123456789') } });
    const files = new BucketFiles(createS3Client(double), 'p/');
    await expect(files.readRange(key, etag, range, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      message: `${key}: it was ${what} in the meantime`,
    });
    expect(double.count('GetObject')).toBe(1);
  });

  it.each([null, createHash('md5').update('0123456789').digest('hex')])('has data with the ETag %s', async (etag) => {
    const double = await startS3({ objects: { 'p/id/id.raw': Buffer.from('0123456789') } });
    const files = new BucketFiles(createS3Client(double), 'p/');
    expect(Buffer.from(await files.readRange('p/id/id.raw', etag, range, signal)).toString()).toBe('234');
  });
});

describe('the digests of an object', () => {
  const chunk = Buffer.alloc(64 * 1024, 7);
  const count = 150;
  const size = count * chunk.length;
  async function* chunks(failure: Error | null = null): AsyncGenerator<Buffer> {
    for (let index = 0; index < count; index++) yield chunk;
    if (failure !== null) throw failure;
  }

  it('are computed from shared memory, without copying each chunk', async () => {
    const pieces: Uint8Array[] = [];
    const found = await digestChunks({ chunks: chunks(), size }, ['sha512', 'md5'], (piece) => void pieces.push(piece));
    const hex = (algorithm: string): string => createHash(algorithm).update(Buffer.alloc(size, 7)).digest('hex');
    expect(found).toEqual({
      bytes: size,
      digests: ['sha512', 'md5'].map((algorithm) => ({ algorithm, hex: hex(algorithm) })),
    });
    expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(size);
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(2);
    expect(pieces.every(({ buffer }) => buffer instanceof SharedArrayBuffer)).toBe(true);
  });

  it('fail if reading does, or if their consumer does', async () => {
    const [broken, refused] = [new Error('broken off'), new Error('refused')];
    await expect(digestChunks({ chunks: chunks(broken), size }, ['md5'], () => undefined)).rejects.toBe(broken);
    const refuse = (): void => {
      throw refused;
    };
    await expect(digestChunks({ chunks: chunks(), size }, ['md5'], refuse)).rejects.toBe(refused);
  });
});
