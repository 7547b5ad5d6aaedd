import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import type { CliResult } from '../../../../support/run-cli.ts';
import { type S3Double, startS3 } from '../../../../support/s3/double.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const bytes = (seed: number, length: number): Buffer => Buffer.alloc(length, seed);
const entry = (id: string, data: Buffer | string, more: object = {}) =>
  makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw', ...more });
const small = [entry('1', bytes(1, 3000)), entry('2', bytes(2, 500))];
const catalog = [entry('1', bytes(1, 300_000)), entry('2', bytes(2, 0)), entry('3', bytes(3, 17_000_000))];

type Server = Awaited<ReturnType<typeof glance>>;
const place = 's3://images/prod';

async function mirror(server: Server, store: S3Double, ...more: readonly string[]): Promise<CliResult> {
  return await server.cli(['mirror', place, '-f', 'json', '--progress', 'none', ...more], { env: store.env });
}

const actions = ({ stdout }: CliResult): unknown =>
  (JSON.parse(stdout) as { image: string; action: string }[]).map(({ image, action }) => [image, action]);

const dataRequests = (server: Server): readonly string[] =>
  server.asked().filter((request) => /^GET \/v1\/images\/\d+$/.test(request));

/** What any S3 tool would copy from it. */
async function copyDown(store: S3Double): Promise<string> {
  const directory = await tempDir();
  for (const [key, data] of store.dump()) {
    const path = join(directory, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  }
  return join(directory, 'prod');
}

describe('mirror to a bucket', () => {
  it('stores every image with its record, in the layout of a directory', async () => {
    const [server, store] = [await glance(catalog), await startS3()];
    const result = await mirror(server, store);
    expect(result).toMatchObject({ code: 0 });
    expect(actions(result)).toEqual([
      ['1', 'new'],
      ['2', 'new'],
      ['3', 'new'],
    ]);
    const own = ['1', '2', '3'].flatMap((id) => [`${id}/${id}.raw`, `${id}/digests.json`, `${id}/image.json`]);
    const held = store.dump();
    expect([...held.keys()]).toEqual([...own, 'MD5SUMS', 'SHA512SUMS', 'index.json'].map((name) => `prod/${name}`));
    expect(held.get('prod/3/3.raw')?.equals(bytes(3, 17_000_000))).toBe(true);
    expect(store.openUploads()).toEqual([]);
    const directory = await copyDown(store);
    expect(await server.cli(['verify', directory])).toMatchObject({ code: 0 });
  });

  it('compares digests that the cloud adds later with those computed, and fetches nothing', async () => {
    const store = await startS3();
    await mirror(await glance([entry('1', bytes(1, 3000), { checksum: null })]), store);
    const digests = (): unknown => JSON.parse(store.dump().get('prod/1/digests.json')?.toString() ?? '');
    expect(digests()).toMatchObject({ verified_by: null });
    const named = await glance([entry('1', bytes(1, 3000))]);
    const result = await mirror(named, store);
    expect([actions(result), dataRequests(named)]).toEqual([[['1', 'record']], []]);
    expect(digests()).toMatchObject({ verified_by: 'md5' });
    expect((await mirror(named, store)).stdout).toBe('[]\n');
  });

  it('makes one listing of each side, and nothing else, if there is nothing to do', async () => {
    const [server, store] = [await glance(catalog), await startS3()];
    await mirror(server, store);
    const before = store.requests.length;
    const asked = server.asked().length;
    const again = await mirror(server, store);
    expect([again.code, again.stdout]).toEqual([0, '[]\n']);
    const operations = store.requests.slice(before).map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === 'ListObjectsV2')).toHaveLength(1);
    expect(operations.filter((operation) => /^(?:Put|Upload|Create|Complete|Delete)/.test(operation))).toEqual([]);
    expect(dataRequests(server).length).toBe(3);
    expect(server.asked().length).toBeGreaterThan(asked);
  });

  it('writes only the record if that changed, and the data if it is different', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    const renamed = await glance([entry('1', bytes(1, 3000), { name: 'other' }), entry('2', bytes(9, 500))]);
    const before = store.requests.length;
    const result = await mirror(renamed, store);
    expect(actions(result)).toEqual([
      ['2', 'data'],
      ['1', 'record'],
    ]);
    const changes = store.requests.slice(before).filter(({ operation }) => /^(?:Put|Delete)/.test(operation));
    const order = changes.map(
      ({ operation, key }) => `${operation.replace('Object', '')} ${key.slice('prod/'.length)}`,
    );
    // Out of the index and without a record before its data is replaced; the record comes last.
    const at = (text: string): number => order.indexOf(text);
    expect(at('Delete 2/image.json')).toBeLessThan(at('Put 2/2.raw'));
    expect(at('Put 2/2.raw')).toBeLessThan(at('Put 2/digests.json'));
    expect(at('Put 2/digests.json')).toBeLessThan(at('Put 2/image.json'));
    expect(order).not.toContain('Put 1/1.raw');
    expect(order).not.toContain('Put 1/digests.json');
    expect(order.at(-1)).toBe('Put index.json');
    expect(await renamed.cli(['verify', await copyDown(store)])).toMatchObject({ code: 0 });
  });

  it('removes what is gone with --prune, and leaves it otherwise', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    const fewer = await glance(small.slice(0, 1));
    expect((await mirror(fewer, store)).stdout).toBe('[]\n');
    expect(store.dump().has('prod/2/2.raw')).toBe(true);
    const pruned = await mirror(fewer, store, '--prune');
    expect(actions(pruned)).toEqual([['2', 'remove']]);
    expect([...store.dump().keys()].filter((key) => key.startsWith('prod/2/'))).toEqual([]);
    expect(await fewer.cli(['verify', await copyDown(store)])).toMatchObject({ code: 0 });
  });

  it('remembers beside the image why it is unavailable, until its record changes', async () => {
    const store = await startS3();
    const broken = await glance([entry('1', bytes(1, 3000), { checksum: 'f'.repeat(32) }), entry('2', 'x')]);
    expect(await mirror(broken, store)).toMatchObject({ code: 9 });
    expect([...store.dump().keys()].filter((key) => key.startsWith('prod/1/'))).toEqual(['prod/1/failure.json']);
    const asked = dataRequests(broken).length;
    expect(await mirror(broken, store)).toMatchObject({ code: 9 });
    expect(dataRequests(broken).length).toBe(asked);
    const mended = await glance(small);
    expect(await mirror(mended, store)).toMatchObject({ code: 0 });
    expect([...store.dump().keys()].filter((key) => key.endsWith('failure.json'))).toEqual([]);
    expect(await mended.cli(['verify', await copyDown(store)])).toMatchObject({ code: 0 });
  });

  it('plans without changing anything with --dry-run', async () => {
    const [server, store] = [await glance(small), await startS3()];
    expect(actions(await mirror(server, store, '--dry-run'))).toEqual([
      ['1', 'new'],
      ['2', 'new'],
    ]);
    expect(store.requests.map(({ operation }) => operation)).toEqual(['ListObjectsV2']);
  });

  it('repairs the index that a killed run left behind', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    const whole = store.dump();
    for (const key of ['prod/index.json', 'prod/SHA512SUMS'])
      store.apply({ type: 'deleteObject', bucket: 'images', key });
    expect((await mirror(server, store)).stdout).toBe('[]\n');
    expect(store.dump()).toEqual(whole);
    expect(dataRequests(server)).toHaveLength(2);
  });

  it('compares data that was completed without its record, and does not fetch it again', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    store.apply({ type: 'deleteObject', bucket: 'images', key: 'prod/1/image.json' });
    store.apply({ type: 'deleteObject', bucket: 'images', key: 'prod/1/digests.json' });
    const again = await mirror(server, store);
    expect(again.stderr).toContain('1 already there');
    expect(dataRequests(server)).toHaveLength(2);
    expect(await server.cli(['verify', await copyDown(store)])).toMatchObject({ code: 0 });
  });

  const begin = (store: S3Double, key: string): void => {
    const upload = { id: `of ${key}`, key, contentType: null, initiated: Date.now(), isCompleted: false };
    store.apply({ type: 'putUpload', bucket: 'images', upload: { ...upload, parts: new Map() } });
  };
  const left = (store: S3Double): readonly string[] => store.openUploads().map(({ key }) => key);

  it('aborts uploads of images that are not listed only with --prune, and none of other programs', async () => {
    const [server, store] = [await glance(small), await startS3()];
    const others = ['prod/9/notes.tar', 'prod/backup.tar', 'other/9/9.raw'];
    for (const key of ['prod/9/9.raw', 'prod/index.json', ...others]) begin(store, key);
    expect(await mirror(server, store)).toMatchObject({ code: 0 });
    expect(left(store).toSorted()).toEqual([...others, 'prod/9/9.raw'].toSorted());
    expect(await mirror(server, store, '--prune')).toMatchObject({ code: 0 });
    expect(left(store).toSorted()).toEqual(others.toSorted());
  });

  it('continues with keys that may not list uploads, and says so once', async () => {
    const [server, store] = [await glance(catalog), await startS3()];
    begin(store, 'prod/3/3.raw');
    store.become({
      faults: [{ on: { operation: 'ListMultipartUploads' }, do: { type: 'error', code: 'AccessDenied' } }],
    });
    const result = await mirror(server, store);
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr.match(/may not list the uploads in s3:\/\/images\/prod/g)).toHaveLength(1);
    expect([store.dump().get('prod/3/3.raw')?.length, left(store)]).toEqual([17_000_000, ['prod/3/3.raw']]);
    store.become({
      faults: [{ on: { operation: 'ListMultipartUploads' }, do: { type: 'error', code: 'InvalidAccessKeyId' } }],
    });
    expect(await mirror(server, store)).toMatchObject({ code: 4 });
  });

  it.each([
    ['AbortMultipartUpload', 'abort uploads', ['prod/3/3.raw', 'prod/9/9.raw']],
    ['ListParts', 'list the parts of uploads', []],
  ] as const)('continues with keys that are denied %s, and says so once', async (operation, what, stays) => {
    const [server, store] = [await glance(catalog), await startS3()];
    for (const key of ['prod/3/3.raw', 'prod/9/9.raw']) begin(store, key);
    store.become({
      faults: [
        { on: { operation }, do: { type: 'error', code: 'AccessDenied' } },
        ...(operation === 'ListParts'
          ? []
          : [
              {
                on: { operation: 'ListParts' as const },
                do: { type: 'error' as const, code: 'NoSuchUpload' as const },
              },
            ]),
      ],
    });
    const result = await mirror(server, store, '--prune');
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr.split(`the keys may not ${what} in s3://images/prod (s3:`)).toHaveLength(2);
    expect([store.dump().get('prod/3/3.raw')?.length, left(store).toSorted()]).toEqual([17_000_000, stays]);
  });

  it("fetches data again that is not the image's, though a killed run left it without its record", async () => {
    const [server, store] = [await glance(small), await startS3({ objects: { 'prod/1/1.raw': bytes(7, 3000) } })];
    expect(await mirror(server, store)).toMatchObject({ code: 0 });
    expect(store.dump().get('prod/1/1.raw')).toEqual(bytes(1, 3000));
  });

  it('aborts an unfinished upload if the data was already there', async () => {
    const store = await startS3({ objects: { 'prod/1/1.raw': bytes(1, 3000), 'prod/2/2.raw': bytes(2, 500) } });
    begin(store, 'prod/1/1.raw');
    const server = await glance(small);
    expect((await mirror(server, store)).stderr).toContain('2 already there');
    expect(dataRequests(server)).toEqual([]);
    expect(store.openUploads()).toEqual([]);
  });

  it('removes an unproven record before data is written beside it', async () => {
    const store = await startS3();
    await mirror(await glance([entry('1', bytes(7, 3000)), entry('2', 'x')]), store);
    for (const key of ['prod/1/digests.json', 'prod/index.json'])
      store.apply({ type: 'deleteObject', bucket: 'images', key });
    const before = store.requests.length;
    const server = await glance(small);
    expect(actions(await mirror(server, store))).toContainEqual(['1', 'new']);
    const order = store.requests.slice(before).map(({ operation, key }) => `${operation} ${key}`);
    expect(order).toContain('DeleteObject prod/1/image.json');
    expect(order.indexOf('DeleteObject prod/1/image.json')).toBeLessThan(order.indexOf('PutObject prod/1/1.raw'));
    expect(await server.cli(['verify', await copyDown(store)])).toMatchObject({ code: 0 });
  });

  it('reads a whole index even if the connection breaks', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    store.become({
      faults: [
        { on: { operation: 'GetObject', key: /index\.json$/, times: 1 }, do: { type: 'cut', afterBytes: 100 } },
        { on: { operation: 'GetObject', key: /1\.raw$/, times: 1 }, do: { type: 'cut', afterBytes: 100 } },
      ],
    });
    expect(await server.cli(['verify', place], { env: store.env })).toMatchObject({ code: 0 });
    expect(store.count('GetObject')).toBeGreaterThan(2);
  });

  it('is compared byte by byte, announcing the number first; --quick reads none', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    expect(await server.cli(['verify', place], { env: store.env })).toMatchObject({
      code: 0,
      stderr: 'reading 3.4 KiB of 2 images\n2 images good, 0 findings\n',
    });
    const quick = await server.cli(['verify', place, '--quick'], { env: store.env });
    expect(quick).toMatchObject({ code: 0, stderr: '2 images good, 0 findings\n' });
  });

  it('that cannot be read completely is trouble of the store, not of the disk', async () => {
    const [server, store] = [await glance(small), await startS3()];
    await mirror(server, store);
    store.become({
      faults: [{ on: { operation: 'GetObject', key: /1\.raw$/ }, do: { type: 'error', code: 'AccessDenied' } }],
    });
    const result = await server.cli(['verify', place, '-f', 'json'], { env: store.env });
    expect(JSON.parse(result.stdout)).toContainEqual(
      expect.objectContaining({
        path: '1/1.raw',
        status: 'unreadable',
        reason: expect.stringMatching(/403 Forbidden.* \[place\.denied\]$/) as string,
      }),
    );
    expect(result).toMatchObject({ code: 5 });
    expect(JSON.parse(result.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      code: 'place.unavailable',
      message: `${place}: 1 file is unreadable`,
      hint: expect.stringContaining('whether the keys may read these files') as string,
    });
  });

  it('fails with the original error even if the index cannot be written any more', async () => {
    const [server, store] = [await glance(small), await startS3()];
    store.become({
      faults: [
        { on: { operation: 'PutObject', key: /2\.raw$/ }, do: { type: 'error', code: 'AccessDenied' } },
        { on: { operation: 'PutObject', key: /(?:index\.json|SUMS)$/ }, do: { type: 'error', code: 'NoSuchBucket' } },
      ],
    });
    expect(await mirror(server, store, '--fail-fast', '--jobs', '1')).toMatchObject({ code: 4 });
  });

  it('restarts an upload that the store fails to complete', async () => {
    const [server, store] = [await glance(catalog.slice(2)), await startS3()];
    store.become({
      faults: [{ on: { operation: 'CompleteMultipartUpload', times: 1 }, do: { type: 'error', code: 'InvalidPart' } }],
    });
    expect(await mirror(server, store)).toMatchObject({ code: 0 });
    expect(store.openUploads()).toEqual([]);
    expect(store.count('CreateMultipartUpload')).toBe(2);
  });

  it.each([true, false])(
    'accepts a directory that was copied there as it is (digests.json: %s)',
    async (hasDigests) => {
      const [server, cwd] = [await glance(small), await tempDir()];
      await server.cli(['mirror', 'm'], { cwd });
      const before = dataRequests(server).length;
      const files = (await readdir(join(cwd, 'm'), { recursive: true, withFileTypes: true }))
        .filter((file) => file.isFile() && (hasDigests || file.name !== 'digests.json'))
        .map((file) => join(file.parentPath, file.name));
      const read = async (path: string) =>
        [`prod/${path.slice(join(cwd, 'm').length + 1)}`, await readFile(path)] as const;
      const store = await startS3({ objects: Object.fromEntries(await Promise.all(files.map(read))) });
      expect((await mirror(server, store)).stdout).toBe('[]\n');
      expect(dataRequests(server)).toHaveLength(before);
    },
  );
});
