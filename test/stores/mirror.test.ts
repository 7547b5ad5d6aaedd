// The whole program with real stores as the place of a mirror.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { S3Client } from '../../src/s3/s3-client.ts';
import type { Fault } from '../support/faults.ts';
import { type Glance, glance } from '../support/glance.ts';
import { makeBytes, makeEntry } from '../support/images.ts';
import type { CliResult } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import { makeBucket, openClient, runningStore, stores } from './support/stores.ts';

const { signal } = new AbortController();
const entry = (id: string, data: Buffer | string) => makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw' });
const large = makeBytes(20_000_000);
const catalog = [entry('1', ''), entry('2', 'a small image'), entry('3', large)];

async function keysOf(client: S3Client): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of client.listObjects('prod/', signal)) keys.push(...page.map(({ key }) => key));
  return keys.toSorted();
}

async function openUploads(client: S3Client): Promise<number> {
  let count = 0;
  for await (const page of client.listUploads('prod/', signal)) count += page.length;
  return count;
}

async function copyDown(client: S3Client): Promise<string> {
  const directory = await tempDir();
  for (const key of await keysOf(client)) {
    const object = await client.get(key, null, signal);
    await mkdir(dirname(join(directory, key)), { recursive: true });
    await writeFile(join(directory, key), object === null ? '' : await buffer(object.body));
  }
  return join(directory, 'prod');
}

/** Requests sent to the store: method, key and query. */
function sentTo(bucket: string, { stderr }: CliResult): readonly string[] {
  const lines = stderr.matchAll(new RegExp(`> (\\w+) \\S*/${bucket}(\\S*)`, 'g'));
  return Array.from(lines, ([, method = '', rest = '']) => `${method} ${rest}`);
}

describe.each(['rgw', 'swift'] as const)('a mirror in a real %s', (name) => {
  describe.skipIf(stores[name] === undefined)('bucket', () => {
    const bucket = `mirror-${randomUUID()}`;
    const place = `s3://${bucket}/prod`;

    beforeAll(async () => {
      await makeBucket(name, bucket);
    });

    const run = async (server: Glance, ...argv: readonly string[]): Promise<CliResult> => {
      const result = await server.cli([...argv, '--debug', '--progress', 'none'], { env: { ...runningStore(name) } });
      const { AWS_SECRET_ACCESS_KEY: secret = '' } = runningStore(name);
      expect(`${result.stdout}${result.stderr}`.includes(secret)).toBe(false);
      return result;
    };

    test('resumes after a break, is complete and verified, and leaves nothing to do', async () => {
      const client = openClient(name, bucket);
      const breaks: readonly Fault[] = [{ on: { path: /images\/3$/ }, do: { type: 'cut', afterBytes: 17_000_000 } }];
      const broken = await glance(catalog, breaks);
      expect(await run(broken, 'mirror', place, '--retries', '0')).toMatchObject({ code: 9 });
      expect((await keysOf(client)).filter((key) => key.startsWith('prod/3/'))).toEqual([]);
      expect(await openUploads(client)).toBe(1);

      const server = await glance(catalog);
      const resumed = await run(server, 'mirror', place);
      expect(resumed).toMatchObject({ code: 0 });
      // Two parts of 8 MiB had been stored.
      expect(sentTo(bucket, resumed).filter((line) => line.includes('partNumber='))).toHaveLength(1);
      expect(await openUploads(client)).toBe(0);
      const own = ['1', '2', '3'].flatMap((id) => [`${id}/${id}.raw`, `${id}/digests.json`, `${id}/image.json`]);
      const wanted = [...own, 'MD5SUMS', 'SHA512SUMS', 'index.json'].map((key) => `prod/${key}`);
      expect(await keysOf(client)).toEqual(wanted.toSorted());
      const object = await client.get('prod/3/3.raw', null, signal);
      const md5 = createHash('md5').update(object === null ? '' : await buffer(object.body));
      expect(md5.digest('hex')).toBe(createHash('md5').update(large).digest('hex'));

      const again = await run(server, 'mirror', place, '-f', 'json');
      expect([again.code, again.stdout]).toEqual([0, '[]\n']);
      const asked = sentTo(bucket, again);
      expect(asked.filter((line) => line.includes('list-type=2'))).toHaveLength(1);
      expect(asked.filter((line) => !line.startsWith('GET '))).toEqual([]);

      expect(await run(server, 'verify', place)).toMatchObject({ code: 0 });
      expect(await run(server, 'verify', place, '--quick')).toMatchObject({ code: 0 });
      expect(await server.cli(['verify', await copyDown(client)])).toMatchObject({ code: 0 });
    });

    test('contains nothing of an image whose data is wrong', async () => {
      const client = openClient(name, bucket);
      const bad = [{ on: { path: /images\/4$/ }, do: { type: 'flip', offset: 9_000_000 } } as const];
      const server = await glance([...catalog, entry('4', large)], bad);
      expect(await run(server, 'mirror', place)).toMatchObject({ code: 9 });
      expect((await keysOf(client)).filter((key) => key.startsWith('prod/4/'))).toEqual(['prod/4/failure.json']);
      expect(await openUploads(client)).toBe(0);
    });
  });
});
