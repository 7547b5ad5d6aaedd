import { buffer } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../../../src/client/connection.ts';
import { fetchImage } from '../../../../src/client/download/download.ts';
import { findImage } from '../../../../src/client/find.ts';
import { systemOf } from '../../../../src/client/system.ts';
import type { DataTarget } from '../../../../src/transfer/data-target.ts';
import type { DownloadResult } from '../../../../src/transfer/download-options.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';

const data = makeBytes(70_000);

async function open() {
  const server = await glance([makeEntry(data, { id: '1' })]);
  const connection = new Connection({ endpoint: server.url, system: { ...systemOf(process), env: {} } });
  onTestFinished(() => connection.close());
  return { connection, found: await findImage(connection, '1') };
}

const run = { signal: new AbortController().signal, listen: () => undefined };

it('passes a target that is neither a file nor a stream the source and all requirements of the data', async () => {
  const { connection, found } = await open();
  const result: DownloadResult = {
    outcome: 'downloaded',
    path: null,
    bytes: data.length,
    seconds: 0,
    bytesPerSecond: null,
    digests: [],
    verifiedBy: 'md5',
    resumedFrom: 0,
    retries: 0,
  };
  let taken: readonly unknown[] = [];
  const target: DataTarget = {
    name: 's3://bucket/1/1.raw',
    take: async (source, { extraAlgorithms, observers, signal }) => {
      const { body } = await source.open(null, signal);
      taken = [source.requireDigest, source.image.id, extraAlgorithms, observers?.length, await buffer(body)];
      return result;
    },
  };
  const demands = { digest: ['sha512'], requireChecksum: true } as const;
  expect(await fetchImage(connection, found, target, demands, run)).toBe(result);
  expect(taken).toEqual([true, '1', ['sha512'], 1, data]);
});

it('refuses to write a record beside such a target', async () => {
  const { connection, found } = await open();
  const target: DataTarget = { name: 's3://bucket/1', take: () => Promise.reject(new Error('taken')) };
  await expect(fetchImage(connection, found, target, { metadata: true }, run)).rejects.toMatchObject({
    code: 'usage.option',
  });
});
