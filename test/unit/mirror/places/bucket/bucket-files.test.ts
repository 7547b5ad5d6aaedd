// Files of a mirror in a bucket, by the names they have there.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BucketFiles } from '../../../../../src/mirror/places/bucket/bucket-files.ts';
import { createS3Client } from '../../../../support/s3/client.ts';
import { startS3 } from '../../../../support/s3/double.ts';

const { signal } = new AbortController();
const range = { offset: 2, length: 3 };

describe('a range of image data', () => {
  it.each([
    ['replaced', 'p/id/id.raw', 'another'],
    ['removed', 'p/id/gone.raw', 'any'],
  ])('is said to be %s, and not asked for again', async (what, key, etag) => {
    const double = await startS3({ objects: { 'p/id/id.raw': Buffer.from('0123456789') } });
    const files = new BucketFiles(createS3Client(double), 'p/');
    await expect(files.readRange(key, etag, range, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      message: `${key}: it was ${what} meanwhile`,
    });
    expect(double.count('GetObject')).toBe(1);
  });

  it.each([null, createHash('md5').update('0123456789').digest('hex')])(
    'is of the data that has the ETag %s',
    async (etag) => {
      const double = await startS3({ objects: { 'p/id/id.raw': Buffer.from('0123456789') } });
      const files = new BucketFiles(createS3Client(double), 'p/');
      expect(Buffer.from(await files.readRange('p/id/id.raw', etag, range, signal)).toString()).toBe('234');
    },
  );
});
