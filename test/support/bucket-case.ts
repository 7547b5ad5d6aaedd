// One mirror into a bucket that meets a fault, and what must hold after that run and after the next one, which meets no fault.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { exitCodeOf } from '../../src/cli/console/exit-codes.ts';
import { Interrupted } from '../../src/cli/runtime.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { CatalogImage } from '../../src/server/images/catalog.ts';
import type { Door, Mirrored, Mirroring } from './doors.ts';
import type { Fault } from './faults.ts';
import { glance, type Glance } from './glance.ts';
import { makeBytes, makeEntry } from './images.ts';
import { type S3Double, type S3Fault, type S3FaultMatch, startS3 } from './s3/double.ts';
import { s3Credentials } from './s3/store.ts';
import { tempDir } from './temp-dir.ts';

/** Sizes of the image that meets the fault, by how it is sent. Anything longer than {@link bufferedBytes} is streamed. */
export const imageSizes = {
  'no data': 0,
  'one buffer': 3000,
  'several parts': 10_000,
  'streamed parts': 40_000,
} as const;
export const partBytes = 4096;
export const bufferedBytes = 20_000;

export type SizeName = keyof typeof imageSizes;

/** The operations of a mirror. The image with the fault is `1`. */
export const operations: Readonly<Record<string, S3FaultMatch>> = {
  'the listing': { operation: 'ListObjectsV2' },
  'the listing of uploads': { operation: 'ListMultipartUploads' },
  'putting data': { operation: 'PutObject', key: /\/1\.raw$/ },
  'putting digests': { operation: 'PutObject', key: /1\/digests\.json$/ },
  'putting the record': { operation: 'PutObject', key: /1\/image\.json$/ },
  'putting the index': { operation: 'PutObject', key: /(?:index\.json|SUMS)$/ },
  'beginning the upload': { operation: 'CreateMultipartUpload' },
  'the first part': { operation: 'UploadPart', part: 1 },
  'the last part': { operation: 'UploadPart', part: 3 },
  'listing parts': { operation: 'ListParts' },
  'completing the upload': { operation: 'CompleteMultipartUpload' },
  'looking at the object': { operation: 'HeadObject' },
  'removing a file': { operation: 'DeleteObject' },
  'throwing an upload away': { operation: 'AbortMultipartUpload' },
  'reading a file': { operation: 'GetObject' },
};

/** What Glance does with the image's data meanwhile. */
export const glanceFaults = {
  fine: [],
  cut: [{ on: { method: 'GET', path: /images\/1$/, times: 1 }, do: { type: 'cut', afterBytes: 5000 } }],
  'cut for good': [{ on: { method: 'GET', path: /images\/1$/ }, do: { type: 'cut', afterBytes: 2000 } }],
  'wrong data': [{ on: { method: 'GET', path: /images\/1$/ }, do: { type: 'flip', offset: 2500 } }],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

/** What was in the bucket before. */
export const befores = ['nothing', 'another version', 'data without a record', 'an unfinished upload'] as const;
/** How often it happens; a run makes three tries. */
export const moments = { once: 1, always: Infinity } as const;

export interface BucketCase {
  readonly door: Door;
  readonly fault: S3Fault['do'];
  readonly isCarriedOut?: boolean;
  readonly operation: string;
  readonly size: SizeName;
  readonly glance: keyof typeof glanceFaults;
  readonly before: (typeof befores)[number];
  readonly moment: keyof typeof moments;
  readonly flavour?: 'aws' | 'rgw' | 'swift';
}

/** A token is sent as long as the store has one. */
const credentials = { ...s3Credentials, sessionToken: 'double-session-token/that+nobody=shows' };
const place = 's3://images/prod';
const object = 'prod/1/1.raw';
/** Anything a store says may contain what was sent to it. */
export const echo = Object.values(credentials).join(' and ');

const entry = (id: string, data: Buffer, name = `image ${id}`): CatalogImage =>
  makeEntry(data, { id, name, disk_format: 'raw' });
const other = entry('2', Buffer.from('another image'));

async function mirror(
  door: Door,
  { url: { href: url } }: Glance,
  store: S3Double,
  more: Pick<Mirroring, 'retryFailed' | 'signal'> = {},
): Promise<Mirrored> {
  const result = await door.mirror({ url, place, env: store.env, retries: 2, timeoutMs: 200, ...more });
  expectNoSecrets(result, store);
  return result;
}

/** Neither keys nor signatures are in anything that is shown, or in the bucket. */
function expectNoSecrets({ shown }: Mirrored, store: S3Double): void {
  const signatures = store.requests.flatMap(
    ({ headers }) => /Signature=(\w+)/.exec(headers['authorization'] ?? '')?.[1] ?? [],
  );
  const secrets = [credentials.secretAccessKey, credentials.sessionToken, ...signatures];
  const texts = [shown, ...Array.from(store.dump().values(), (data) => data.toString('latin1'))];
  const all = texts.join('\n');
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
}

/** Whatever is readable of an image is complete: its data is one of these, and a record has the digests of the data beside it. */
export function expectSound(store: S3Double, versions: readonly Buffer[]): void {
  const held = store.dump();
  const data = held.get(object);
  if (data !== undefined) expect(versions.some((version) => version.equals(data))).toBe(true);
  const text = held.get('prod/1/image.json')?.toString();
  if (text === undefined) return;
  const record = JSON.parse(text) as { readonly size: number; readonly checksum: string };
  const digests = JSON.parse(held.get('prod/1/digests.json')?.toString() ?? '{}') as {
    readonly size?: number;
    readonly digests?: { readonly md5?: string };
  };
  const md5 = data === undefined ? null : createHash('md5').update(data).digest('hex');
  expect({ size: data?.length, md5 }).toEqual({ size: record.size, md5: record.checksum });
  expect({ size: digests.size, md5: digests.digests?.md5 }).toEqual({ size: record.size, md5: record.checksum });
}

/** A copy made by any S3 tool passes `verify`. */
export async function expectVerified(server: Glance, store: S3Double): Promise<void> {
  const directory = await tempDir();
  for (const [key, data] of store.dump()) {
    const path = join(directory, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  }
  expect(await server.cli(['verify', join(directory, 'prod')])).toMatchObject({ code: 0 });
}

/** The contents of the bucket in the end. */
export function expectWhole(store: S3Double, data: Buffer): void {
  const held = store.dump();
  const own = ['1', '2'].flatMap((id) => [`${id}/${id}.raw`, `${id}/digests.json`, `${id}/image.json`]);
  expect([...held.keys()]).toEqual([...own, 'MD5SUMS', 'SHA512SUMS', 'index.json'].map((name) => `prod/${name}`));
  expect(held.get(object)?.equals(data)).toBe(true);
  expect(store.openUploads()).toEqual([]);
}

const dataRequests = (server: Glance): number =>
  server.asked().filter((request) => request === 'GET /v1/images/1').length;

/** It says that images failed, or what is wrong with the store or the Glance. */
function expectContract({ code }: Mirrored): void {
  if (code !== null && code !== 'partial') expect([3, 4, 5, 7]).toContain(exitCodeOf(code));
}

async function prepare(door: Door, before: BucketCase['before'], data: Buffer, store: S3Double): Promise<Buffer> {
  const old = Buffer.alloc(data.length + 7, 'old');
  if (before === 'another version') {
    expect(await mirror(door, await glance([entry('1', old, 'old'), other]), store)).toMatchObject({ code: null });
  } else if (before === 'data without a record') {
    expect(await mirror(door, await glance([entry('1', data), other]), store)).toMatchObject({ code: null });
    store.apply({ type: 'deleteObject', bucket: 'images', key: 'prod/1/image.json' });
  } else if (before === 'an unfinished upload') {
    const broken = [{ on: { path: /images\/1$/ }, do: { type: 'cut', afterBytes: 6000 } as const }];
    await mirror(door, await glance([entry('1', data), other], broken), store);
    expectSound(store, [data]);
  }
  return old;
}

/** @returns the code of the run that met the fault; null if it succeeded */
export async function runBucketCase(each: BucketCase): Promise<ErrorCode | null> {
  const { door } = each;
  const data = makeBytes(imageSizes[each.size]);
  const { flavour = 'aws' } = each;
  const store = await startS3({ flavour, credentials, minPartBytes: 1 });
  const old = await prepare(door, each.before, data, store);
  const versions = [data, old];

  const on = { ...operations[each.operation], times: moments[each.moment] };
  store.become({ faults: [{ on, do: each.fault, ...(each.isCarriedOut && { isCarriedOut: true }) }] });
  const broken = await glance([entry('1', data), other], glanceFaults[each.glance]);
  const result = await mirror(door, broken, store);
  expectContract(result);
  expectSound(store, versions);
  if (result.code === null) expect(store.dump().has('prod/1/image.json')).toBe(true);

  store.become({ faults: [] });
  const isThere = store.dump().get(object)?.equals(data) === true && data.length > 0;
  const again = await glance([entry('1', data), other]);
  expect(await mirror(door, again, store, { retryFailed: true })).toMatchObject({ code: null });
  expectWhole(store, data);
  expectSound(store, [data]);
  if (isThere) expect(dataRequests(again)).toBe(0);
  await expectVerified(again, store);
  return result.code;
}

/** The mirror of an image in parts, killed at one of the store's requests: none is answered from then on. */
export async function runKilled(
  size: SizeName,
  before: BucketCase['before'],
  at: number,
  door: Door,
): Promise<'killed' | 'done'> {
  const data = makeBytes(imageSizes[size]);
  const store = await startS3({ credentials, minPartBytes: 1 });
  const old = await prepare(door, before, data, store);
  const stop = new AbortController();
  const first = store.requests.length;
  const where = (): boolean => {
    if (store.requests.length - first <= at) return false;
    stop.abort(new Interrupted('SIGINT'));
    return true;
  };
  const isDone = { type: 'reset', afterBytes: null } as const;
  // A client cannot know whether its last request was carried out; here every other one is.
  const fault: S3Fault = { on: { where }, do: isDone, isCarriedOut: at % 2 === 0 };
  store.become({
    faults: [
      { ...fault, on: { where, times: 1 } },
      { on: { where }, do: { type: 'cutRequest', afterBytes: 0 } },
    ],
  });
  const result = await mirror(door, await glance([entry('1', data), other]), store, { signal: stop.signal });
  expectSound(store, [data, old]);

  store.become({ faults: [] });
  const kept = new Set(store.openUploads().flatMap(({ key, parts }) => (key === object ? parts : [])));
  const isThere = store.dump().get(object)?.equals(data) === true && data.length > 0;
  const resumed = store.requests.length;
  const again = await glance([entry('1', data), other]);
  expect(await mirror(door, again, store)).toMatchObject({ code: null });
  expectWhole(store, data);
  expectSound(store, [data]);
  if (isThere) expect(dataRequests(again)).toBe(0);
  const sentAgain = store.requests
    .slice(resumed)
    .filter(({ operation, query }) => operation === 'UploadPart' && kept.has(Number(query.get('partNumber'))));
  expect(sentAgain).toEqual([]);
  await expectVerified(again, store);
  return result.code === null ? 'done' : 'killed';
}
