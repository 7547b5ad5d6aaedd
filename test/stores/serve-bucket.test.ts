import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BucketFiles } from '../../src/mirror/places/bucket/bucket-files.ts';
import { startServer } from '../../src/server/app.ts';
import { BucketCatalog } from '../../src/server/bucket/bucket-catalog.ts';
import { glance } from '../support/glance.ts';
import { makeBytes, makeEntry } from '../support/images.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fetchHttp } from '../support/servers/raw-client.ts';
import { makeBucket, openClient, runningStore, stores } from './support/stores.ts';

const { signal } = new AbortController();
const small = makeBytes(1000);
/** Of three parts. */
const large = makeBytes(17_000_000);

describe.each(['rgw', 'swift'] as const)('on a real %s', (name) => {
  describe.skipIf(stores[name] === undefined)('a mirror', () => {
    const bucket = `serve-${randomUUID()}`;

    beforeAll(async () => {
      await makeBucket(name, bucket);
    });

    test('is served whole and in ranges, and only as listed', async () => {
      const source = await glance([makeEntry(small, { id: '1' }), makeEntry(large, { id: '2' })]);
      const mirrored = await source.cli(['mirror', `s3://${bucket}/m`], { env: { ...runningStore(name) } });
      expect(mirrored).toMatchObject({ code: 0 });
      const client = openClient(name, bucket);
      const [clock, warnings] = [new ManualClock(), [] as string[]];
      const warn = (message: string): void => void warnings.push(message);
      const catalog = await BucketCatalog.open(new BucketFiles(client, 'm/'), 'm', { clock, warn, signal });
      const server = await startServer({ catalog, port: 0, clock });
      onTestFinished(async () => {
        await server.close();
        await catalog.close();
      });
      const get = async (path: string, range: string | null = null) =>
        await fetchHttp(new URL(path, server.url), { headers: range === null ? {} : { range } });

      expect(catalog.images.map(({ image }) => image.id).toSorted()).toEqual(['1', '2']);
      for (const path of ['/v1/images/2', '/v2/images/2/file']) {
        expect((await get(path)).body.equals(large)).toBe(true);
        const part = await get(path, 'bytes=8000000-9000000');
        expect([part.status, part.body.equals(large.subarray(8_000_000, 9_000_001))]).toEqual([206, true]);
      }
      const other = Buffer.alloc(small.length, 1);
      const md5 = createHash('md5').update(other).digest('hex');
      await client.put('m/1/1.raw', other, { md5 }, signal);
      expect((await get('/v2/images/1/file')).status).toBe(503);
      expect((await get('/v2/images/1/file', 'bytes=5-9')).status).toBe(503);
      expect(warnings).toEqual([]);
    });
  });
});
