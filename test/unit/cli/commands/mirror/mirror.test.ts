import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import { v2Versions } from '../../../../../src/server/versions.ts';
import { loadCatalog } from '../../../../support/load-catalog.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const bytes = (seed: number, length: number): Buffer => Buffer.alloc(length, seed);
const entry = (id: string, data: Buffer | string, more: object = {}) =>
  makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw', ...more });
const catalog = [entry('1', bytes(1, 300_000)), entry('2', bytes(2, 5000)), entry('3', bytes(3, 70_000))];

type Server = Awaited<ReturnType<typeof glance>>;

/** Mirrors into `m` below the directory. */
async function mirror(server: Server, cwd: string, ...more: readonly string[]): Promise<CliResult> {
  return await server.cli(['mirror', 'm', '-f', 'json', '--progress', 'none', ...more], { cwd });
}

const dataRequests = (server: Server): readonly string[] =>
  server.asked().filter((request) => /^GET \/v1\/images\/\d+$/.test(request));

const actions = ({ stdout }: CliResult): unknown =>
  (JSON.parse(stdout) as { image: string; action: string }[]).map(({ image, action }) => [image, action]);

async function readTree(directory: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  const read = async (path: string) => [path.slice(directory.length + 1), await readFile(path, 'latin1')] as const;
  return Object.fromEntries(await Promise.all(files.toSorted().map(read)));
}

describe('mirror', () => {
  it('fetches every image with its record, and lists it in the index and for sha512sum', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const result = await mirror(server, cwd);
    expect(result.code).toBe(0);
    expect(actions(result)).toEqual([
      ['1', 'new'],
      ['2', 'new'],
      ['3', 'new'],
    ]);
    const tree = await readTree(join(cwd, 'm'));
    const own = ['1', '2', '3'].flatMap((id) => [`${id}/${id}.raw`, `${id}/digests.json`, `${id}/image.json`]);
    expect(Object.keys(tree)).toEqual([...own, 'MD5SUMS', 'SHA512SUMS', 'index.json']);
    expect(tree['3/3.raw']).toBe(bytes(3, 70_000).toString('latin1'));
    expect(JSON.parse(tree['2/image.json'] ?? '')).toMatchObject({ id: '2', name: 'image 2', size: 5000 });
    const index = JSON.parse(tree['index.json'] ?? '') as { images: { id: string; file: string; size: number }[] };
    expect(index.images.map(({ id, file, size }) => [id, file, size])).toEqual([
      ['1', '1/1.raw', 300_000],
      ['2', '2/2.raw', 5000],
      ['3', '3/3.raw', 70_000],
    ]);
  });

  it('writes lists of checksums that the coreutils accept', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await mirror(server, cwd);
    const printed = execFileSync('sha512sum', ['-c', 'SHA512SUMS'], { cwd: join(cwd, 'm'), encoding: 'utf8' });
    expect(printed).toBe('1/1.raw: OK\n2/2.raw: OK\n3/3.raw: OK\n');
  });

  it('makes one listing and fetches no data if there is nothing to do, and changes no file', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await mirror(server, cwd);
    const before = await readTree(join(cwd, 'm'));
    const asked = server.asked().length;
    const again = await mirror(server, cwd);
    expect([again.code, again.stdout]).toEqual([0, '[]\n']);
    const requests = server.asked().slice(asked);
    expect(requests.filter((request) => request !== 'GET /' && !request.startsWith('GET /v1/images/detail?'))).toEqual(
      [],
    );
    expect(await readTree(join(cwd, 'm'))).toEqual(before);
  });

  it.each([
    ['data that is gone', 'data', (m: string) => rm(join(m, '2/2.raw'))],
    ['data of another size', 'data', (m: string) => truncate(join(m, '2/2.raw'), 100)],
    ['an image that is gone', 'data', (m: string) => rm(join(m, '2'), { recursive: true })],
    ['a record that is gone', 'record', (m: string) => rm(join(m, '2/image.json'))],
  ])('restores %s', async (_what, action, damage) => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await mirror(server, cwd);
    const before = await readTree(join(cwd, 'm'));
    await damage(join(cwd, 'm'));
    const plan = await mirror(server, cwd, '--dry-run');
    expect([plan.code, actions(plan)]).toEqual([0, [['2', action]]]);
    const asked = server.asked().length;
    const again = await mirror(server, cwd);
    expect([again.code, actions(again)]).toEqual([0, [['2', action]]]);
    expect(
      server
        .asked()
        .slice(asked)
        .filter((request) => request === 'GET /v1/images/2'),
    ).toHaveLength(action === 'data' ? 1 : 0);
    expect(await readTree(join(cwd, 'm'))).toEqual(before);
  });

  it('fetches an image with new data, and only rewrites the record of a renamed one', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const changed = [
      entry('1', bytes(9, 300_000)),
      entry('2', bytes(2, 5000), { name: 'renamed' }),
      ...catalog.slice(2),
    ];
    const server = await glance(changed);
    const result = await mirror(server, cwd);
    expect(actions(result)).toEqual([
      ['1', 'data'],
      ['2', 'record'],
    ]);
    expect(dataRequests(server)).toEqual(['GET /v1/images/1']);
    expect(await readFile(join(cwd, 'm/1/1.raw'))).toEqual(bytes(9, 300_000));
    expect(JSON.parse(await readFile(join(cwd, 'm/2/image.json'), 'utf8'))).toMatchObject({ name: 'renamed' });
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
  });

  it('with --fail-fast stops at the first failure, keeps what is complete, and exits with its code', async () => {
    const faults = [
      { on: { path: /images\/2$/ }, do: { type: 'status', status: 403 } as const },
      { on: { path: /images\/3$/ }, do: { type: 'stall', afterBytes: 50_000 } as const },
    ];
    const [cwd, server] = [await tempDir(), await glance(catalog, faults)];
    const result = await mirror(server, cwd, '--fail-fast', '--jobs', '1');
    expect([result.code, result.error()['code'], result.error()['image']]).toEqual([4, 'auth.forbidden', '2']);
    const index = await readFile(join(cwd, 'm/index.json'), 'utf8');
    expect([...index.matchAll(/"id":"(\d)"/g)].map(([, id]) => id)).toEqual(['1']);
    const other = await tempDir();
    // The second job would wait for ever, and is aborted.
    const both = await mirror(server, other, '--fail-fast', '--jobs', '2', '--sort', 'id:desc');
    expect([both.code, both.error()['code']]).toEqual([4, 'auth.forbidden']);
  });

  it('reports the progress of each image', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const result = await server.cli(['mirror', 'm', '--progress', 'json'], { cwd });
    const events = result.stderr
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as { event: string; total?: number }] : []));
    const totals = events.filter(({ event }) => event === 'start').map(({ total }) => total);
    expect(totals.toSorted((left = 0, right = 0) => left - right)).toEqual([5000, 70_000, 300_000]);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(3);
  });

  it('continues when some images fail, lists all of those, and exits with 9', async () => {
    const damaged = entry('4', bytes(4, 5000), { checksum: '0'.repeat(32) });
    const queued = entry('5', '', { status: 'queued', size: null, checksum: null });
    const [cwd, server] = [await tempDir(), await glance([...catalog, damaged, queued])];
    const result = await mirror(server, cwd);
    expect([result.code, result.error()['code']]).toEqual([9, 'partial']);
    const rows = JSON.parse(result.stdout) as { image: string; action: string; reason: string }[];
    const failed = rows.filter(({ action }) => action === 'failed');
    expect(failed.map(({ image }) => image)).toEqual(['4', '5']);
    expect(failed[0]?.reason).toContain('[integrity.');
    expect(failed[1]?.reason).toContain('[image.no_data]');
    expect(result.error()['hint']).toMatch(/; what failed for good also needs --retry-failed$/);
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
  });

  it('fetches fewer at once for the rest of the run after a 429', async () => {
    const cwd = await tempDir();
    const controller = new AbortController();
    const tooMany = { type: 'status', status: 429, headers: [['Retry-After', '0']] } as const;
    const server = await glance(
      [...catalog, entry('4', bytes(4, 5000))],
      [
        { on: { method: 'GET', path: /images\/1$/, times: 1 }, do: tooMany },
        { on: { method: 'GET', path: /images\/[34]$/ }, do: { type: 'stall', afterBytes: 10 } },
      ],
    );
    const argv = ['mirror', 'm', '--progress', 'none', '--jobs', '2'];
    const result = server.cli(argv, { cwd, signal: controller.signal });
    await server.stalled;
    // Long enough for another request, if there were going to be one.
    expect((await server.cli(['list'])).code).toBe(0);
    controller.abort(new Interrupted('SIGINT'));
    expect((await result).code).toBe(130);
    expect(dataRequests(server).filter((request) => /[34]$/.test(request))).toHaveLength(1);
  });

  it('does not fetch data again that is damaged in the store, unless told to', async () => {
    const [cwd, server] = [await tempDir(), await glance([entry('4', bytes(4, 5000), { checksum: '0'.repeat(32) })])];
    await mirror(server, cwd);
    const before = dataRequests(server).length;
    const again = await mirror(server, cwd);
    expect([again.code, dataRequests(server).length]).toEqual([9, before]);
    await mirror(server, cwd, '--retry-failed');
    expect(dataRequests(server).length).toBeGreaterThan(before);
  });

  it('with --dry-run prints the plan and touches nothing', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const result = await mirror(server, cwd, '--dry-run', '--size-min', '60000');
    expect(actions(result)).toEqual([
      ['1', 'new'],
      ['3', 'new'],
    ]);
    expect(await readdir(cwd)).toEqual([]);
    expect(dataRequests(server)).toEqual([]);
    await mirror(server, cwd);
    const again = await mirror(server, cwd, '--dry-run');
    expect([again.code, again.stdout]).toEqual([0, '[]\n']);
    expect(again.stderr).toContain('0 to fetch, 0 records to update, 3 unchanged, 0 gone, 0 failed');
    const other = await mirror(await glance(catalog.slice(2)), cwd, '--dry-run', '--prune');
    expect(actions(other)).toEqual([
      ['1', 'remove'],
      ['2', 'remove'],
    ]);
  });

  it('deletes nothing without --prune', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const before = await readTree(join(cwd, 'm'));
    expect((await mirror(await glance(catalog.slice(1)), cwd)).code).toBe(0);
    expect(await readTree(join(cwd, 'm'))).toEqual(before);
  });

  it("with --prune names what it removes, and leaves other people's files alone", async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    await writeFile(join(cwd, 'm/1/notes'), 'mine');
    const result = await mirror(await glance(catalog.slice(1)), cwd, '--prune');
    expect(result.stderr).toContain('warning: 1 is no longer listed');
    expect(actions(result)).toEqual([['1', 'remove']]);
    expect(await readdir(join(cwd, 'm/1'))).toEqual(['notes']);
    expect(await readFile(join(cwd, 'm/index.json'), 'utf8')).not.toContain('"id":"1"');
  });

  it('refuses to prune more than half without --force', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const before = await readTree(join(cwd, 'm'));
    const server = await glance(catalog.slice(2));
    const refused = await mirror(server, cwd, '--prune');
    expect([refused.code, refused.error()['code']]).toEqual([2, 'usage.option']);
    expect(await readTree(join(cwd, 'm'))).toEqual(before);
    expect((await mirror(server, cwd, '--prune', '--force')).code).toBe(0);
    expect((await readdir(join(cwd, 'm'))).toSorted()).toEqual(['3', 'MD5SUMS', 'SHA512SUMS', 'index.json']);
  });

  it('with --require-safe gives an unsafe image no name, and accepts it otherwise', async () => {
    const content = { size: 1024 * 1024, pieces: [{ offset: 0, bytes: Buffer.alloc(70_000, 7) }] };
    const evil = entry('6', writeQcow2(content, { backingFile: '/etc/passwd' }), { disk_format: 'qcow2' });
    const [cwd, server] = [await tempDir(), await glance([evil])];
    const refused = await mirror(server, cwd, '--require-safe');
    expect([refused.code, await readdir(join(cwd, 'm/6'))]).toEqual([9, ['failure.json']]);
    expect((await mirror(server, cwd)).code).toBe(0);
    expect(await readdir(join(cwd, 'm/6'))).toContain('6.qcow2');
  });

  it('resumes an interrupted run without fetching complete images again', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await mirror(server, cwd);
    // The state after a kill before the index was written.
    await rm(join(cwd, 'm/index.json'));
    const before = dataRequests(server).length;
    expect((await mirror(server, cwd)).code).toBe(0);
    expect(dataRequests(server)).toHaveLength(before);
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
  });

  it('follows no link in place of an image', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog.slice(0, 1))];
    await mkdir(join(cwd, 'm'));
    await mkdir(join(cwd, 'elsewhere'));
    await symlink(join(cwd, 'elsewhere'), join(cwd, 'm/1'));
    const result = await mirror(server, cwd);
    expect(result.code).toBe(9);
    expect(result.stdout).toContain('io.');
    expect(await readdir(join(cwd, 'elsewhere'))).toEqual([]);
  });

  it('refuses an index that no mirror wrote, and leaves it alone', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const forged = '{"schema":1,"images":[{"id":"1","file":"../../etc/passwd","size":1,"record":"","digests":{}}]}';
    await mkdir(join(cwd, 'm'));
    await writeFile(join(cwd, 'm/index.json'), forged);
    const result = await mirror(server, cwd);
    expect([result.code, result.error()['code']]).toEqual([7, 'metadata.invalid']);
    expect(await readFile(join(cwd, 'm/index.json'), 'utf8')).toBe(forged);
  });
});

describe('a mirror that is served', () => {
  it('mirrors to the same files, records included', async () => {
    const [cwd, origin] = [await tempDir(), await glance(catalog)];
    await mirror(origin, cwd);
    const served = await glance((await loadCatalog(join(cwd, 'm'))).images);
    const copy = await tempDir();
    expect((await mirror(served, copy)).code).toBe(0);
    expect(await readTree(join(copy, 'm'))).toEqual(await readTree(join(cwd, 'm')));
  });

  it('mirrors through API v2 to the same files, including fields that its records lack', async () => {
    const id = (number: number): string => `11111111-2222-4333-8444-00000000000${String(number)}`;
    const times = { created_at: '2026-01-02T03:04:05Z', updated_at: '2026-01-02T03:04:06Z', os_hidden: false };
    const images = [
      entry(id(1), bytes(1, 300_000), {
        ...times,
        os_hash_algo: 'sha512',
        os_hash_value: createHash('sha512').update(bytes(1, 300_000)).digest('hex'),
        tags: ['b', 'a'],
        stores: ['fast'],
        properties: { os_distro: 'debian', Größe: 'ü' },
      }),
      // Nothing to verify it by: a digest computed here does not get into its record.
      entry(id(2), bytes(2, 5000), { ...times, checksum: null, owner: 'p', visibility: 'community' }),
      entry(id(3), bytes(3, 70_000), { ...times, created_at: '2026-01-02T03:04:05.678901Z', min_disk: 2 }),
    ];
    const [cwd, copy] = [await tempDir(), await tempDir()];
    await mirror(await glance(images, [], { versions: v2Versions }), cwd);
    const served = await glance((await loadCatalog(join(cwd, 'm'))).images, [], { versions: v2Versions });

    expect((await mirror(served, copy)).code).toBe(0);

    const tree = await readTree(join(cwd, 'm'));
    expect(await readTree(join(copy, 'm'))).toEqual(tree);
    expect(Object.keys(JSON.parse(tree[`${id(1)}/image.json`] ?? '') as object)).toContain('os_hash_value');
    expect(served.asked().filter((request) => request.startsWith('GET /v2/images/'))).toHaveLength(3);
  });

  it('offers only what its index lists', async () => {
    const [cwd, origin] = [await tempDir(), await glance(catalog)];
    await mirror(origin, cwd);
    await writeFile(join(cwd, 'm/other.raw'), 'stray');
    await writeFile(join(cwd, 'm/2/other.raw'), 'stray');
    expect((await loadCatalog(join(cwd, 'm'))).images.map(({ image }) => image.id)).toEqual(['1', '2', '3']);
  });

  it('offers the others if one of its files is a link, and says so', async () => {
    const [cwd, origin, warnings] = [await tempDir(), await glance(catalog), [] as string[]];
    await mirror(origin, cwd);
    await rename(join(cwd, 'm/2/2.raw'), join(cwd, 'elsewhere'));
    await symlink(join(cwd, 'elsewhere'), join(cwd, 'm/2/2.raw'));
    const { images } = await loadCatalog(join(cwd, 'm'), undefined, warnings);
    expect(images.map(({ image }) => image.id)).toEqual(['1', '3']);
    expect(warnings).toEqual([expect.stringContaining('m/2/2.raw: it is a symbolic link')]);
  });
});

describe('verify of a mirror finds', () => {
  const flip = async (path: string): Promise<void> => {
    const data = await readFile(path);
    data.writeUInt8(data.readUInt8(9) === 0 ? 1 : 0, 9);
    await writeFile(path, data);
  };
  const edit = async (path: string, from: string, to: string): Promise<void> => {
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
  };

  it.each([
    ['a flipped bit', '2/2.raw', 'altered', (m: string) => flip(join(m, '2/2.raw'))],
    ['a cut file', '2/2.raw', 'size', (m: string) => truncate(join(m, '2/2.raw'), 100)],
    ['a longer file', '2/2.raw', 'size', (m: string) => appendFile(join(m, '2/2.raw'), 'x')],
    ['a missing file', '2/2.raw', 'missing', (m: string) => rm(join(m, '2/2.raw'))],
    ['a missing record', '2/image.json', 'missing', (m: string) => rm(join(m, '2/image.json'))],
    ['a stray file', '2/other', 'stray', (m: string) => writeFile(join(m, '2/other'), '')],
    ['a stray file at the top', 'other', 'stray', (m: string) => writeFile(join(m, 'other'), '')],
    ['an altered record', '2/image.json', 'forged', (m: string) => edit(join(m, '2/image.json'), 'image 2', 'image 9')],
    [
      'other digests',
      '2/digests.json',
      'forged',
      (m: string) => edit(join(m, '2/digests.json'), '"size":5000', '"size":5'),
    ],
    [
      'digests that make no sense',
      '2/digests.json',
      'forged',
      (m: string) => writeFile(join(m, '2/digests.json'), '[]'),
    ],
    ['endless digests', '2/digests.json', 'forged', (m: string) => truncate(join(m, '2/digests.json'), 1_000_000)],
    ['an altered list of checksums', 'SHA512SUMS', 'forged', (m: string) => appendFile(join(m, 'SHA512SUMS'), 'x\n')],
  ])('%s', async (_what, path, status, damage) => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    await damage(join(cwd, 'm'));
    const result = await runCli(['verify', 'm', '-f', 'json'], { cwd });
    expect([result.code, result.error()['code']]).toEqual([6, 'integrity.digest']);
    const verdicts = JSON.parse(result.stdout) as { path: string; status: string }[];
    const found = verdicts.filter((verdict) => verdict.status !== 'ok');
    expect(found.map((verdict) => [verdict.path, verdict.status])).toEqual([[path, status]]);
  });

  it.each([
    ['a link', '2/2.raw', (m: string) => symlink(join(m, '1/1.raw'), join(m, '2/2.raw'))],
    ['a link', '2/image.json', (m: string) => symlink(join(m, '1/image.json'), join(m, '2/image.json'))],
    ['a directory', '2/2.raw', (m: string) => mkdir(join(m, '2/2.raw'))],
    ['a directory', '2/digests.json', (m: string) => mkdir(join(m, '2/digests.json'))],
  ])('%s in place of a file, and continues with the others', async (_what, path, replace) => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    await rm(join(cwd, 'm', path));
    await replace(join(cwd, 'm'));
    const result = await runCli(['verify', 'm', '-f', 'json'], { cwd });
    expect([result.code, result.error()['code']]).toEqual([8, 'io.error']);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { status: 'ok', reason: null },
      {
        path,
        status: 'unreadable',
        reason: expect.stringMatching(`m/${path}: it is .* \\[io\\.not_regular\\]$`) as string,
      },
      { status: 'ok', reason: null },
    ]);
    expect((await runCli(['verify', 'm'], { cwd })).stdout).toContain('[io.not_regular]');
    await rm(join(cwd, 'm/3/3.raw'));
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(6);
  });

  it('an index that no mirror wrote', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    await edit(join(cwd, 'm/index.json'), '"2/2.raw"', '"../../etc/passwd"');
    const result = await runCli(['verify', 'm', '-f', 'json'], { cwd });
    expect([result.code, result.error()['code']]).toEqual([6, 'integrity.digest']);
    expect(JSON.parse(result.stdout)).toMatchObject([{ path: 'index.json', status: 'forged' }]);
  });

  it('images that its index does not list yet, without calling them damaged', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const index = await readFile(join(cwd, 'm/index.json'), 'utf8');
    const sums = await readFile(join(cwd, 'm/SHA512SUMS'), 'utf8');
    const md5 = await readFile(join(cwd, 'm/MD5SUMS'), 'utf8');
    await writeFile(join(cwd, 'm/index.json'), index.replace(/^\{"id":"2".*\n/m, ''));
    await writeFile(join(cwd, 'm/SHA512SUMS'), sums.replace(/^.* 2\/.*\n/m, ''));
    await writeFile(join(cwd, 'm/MD5SUMS'), md5.replace(/^.* 2\/.*\n/m, ''));
    const result = await runCli(['verify', 'm', '-f', 'json'], { cwd });
    const verdicts = JSON.parse(result.stdout) as { path: string; status: string }[];
    expect([result.code, verdicts.map(({ path, status }) => [path, status])]).toEqual([
      0,
      [
        ['1/1.raw', 'ok'],
        ['3/3.raw', 'ok'],
        ['2/2.raw', 'unlisted'],
      ],
    ]);
    const people = await runCli(['verify', 'm'], { cwd });
    expect(people.stdout).toMatch(/^unlisted +2\/2\.raw/m);
    expect(people.stderr).toBe(
      '2 images good, 1 image not listed yet, 0 findings\n' +
        'a mirror was interrupted: run it again to compare and list what has arrived\n',
    );
    // Something that is not an image's data is a stray there, too.
    await writeFile(join(cwd, 'm/2/other'), '');
    await mkdir(join(cwd, 'm/4'));
    await writeFile(join(cwd, 'm/4/image.json'), '{}');
    const strays = await runCli(['verify', 'm', '-f', 'json'], { cwd });
    expect(strays.code).toBe(6);
    expect(strays.stdout).toMatch(/"4\/image\.json",\s*"status": "stray"/);
    expect(strays.stdout).toMatch(/"2\/other",\s*"status": "stray"/);
  });

  it('what it finds, with progress', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const { stderr } = await runCli(['verify', 'm', '--progress', 'json'], { cwd });
    const events = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as object] : []));
    expect(events[0]).toMatchObject({ event: 'start', name: '3 images', total: 375_000 });
    expect(events.at(-2)).toMatchObject({ event: 'progress', bytes: 375_000, total: 375_000 });
    expect(events.at(-1)).toMatchObject({ event: 'note', message: '3 images good, 0 findings' });
  });

  it('nothing after a signal, which ends it', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const controller = new AbortController();
    controller.abort(new Interrupted('SIGINT'));
    const { code, stderr } = await runCli(['verify', 'm', '-f', 'json'], { cwd, signal: controller.signal });
    expect(code).toBe(130);
    expect(stderr).not.toContain('io.');
  });

  it('a forged index', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    await edit(join(cwd, 'm/index.json'), '"size":5000', '"size":5001');
    const result = await runCli(['verify', 'm'], { cwd });
    expect(result.code).toBe(6);
    expect(result.stdout).toMatch(/forged +2\/image\.json/);
  });

  it('nothing in an unchanged one', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const result = await runCli(['verify', 'm', '--jobs', '3'], { cwd });
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '3 images good, 0 findings\n' });
  });

  it('the verdict first at a terminal, then what was found', async () => {
    const cwd = await tempDir();
    await mirror(await glance(catalog), cwd);
    const terminal = { cwd, stdoutColumns: 100, env: { NO_COLOR: '1' } };
    const good = await runCli(['verify', 'm', '--progress', 'none'], terminal);
    expect(good).toMatchObject({ code: 0, stdout: 'verdict: good, 3 images good, 0 findings\n', stderr: '' });
    await writeFile(join(cwd, 'm/2/2.raw'), 'other');
    const bad = await runCli(['verify', 'm', '--progress', 'none'], terminal);
    expect(bad.stdout).toMatch(/^verdict: bad, 2 images good, 1 finding\nSTATUS +FILE.*\nsize +2\/2\.raw/);
    expect([bad.code, bad.stderr]).toEqual([6, expect.stringMatching(/^error: /)]);
    const none = await runCli(['verify', '.', '--progress', 'none'], terminal);
    expect(none).toMatchObject({ code: 8, stdout: '', stderr: expect.stringContaining('it is not a mirror') });
  });
});

describe('verify of a file', () => {
  const data = bytes(1, 300_000);
  const setUp = async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    await server.cli(['download', '1', '-o', 'f', '--metadata'], { cwd });
    return { cwd, server };
  };

  it('compares it with the record beside it, without a network', async () => {
    const { cwd } = await setUp();
    const good = await runCli(['verify', 'f', '-f', 'json'], { cwd });
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ path: 'f', status: 'ok', size: 300_000, algorithm: 'md5' });
    await writeFile(join(cwd, 'f'), Buffer.concat([data.subarray(1), Buffer.of(0)]));
    const bad = await runCli(['verify', 'f', '-f', 'json'], { cwd });
    expect([bad.code, bad.error()['code']]).toEqual([6, 'integrity.digest']);
    expect(JSON.parse(bad.stdout)).toMatchObject({ status: 'altered', algorithm: 'md5' });
  });

  it('compares it with an image of a Glance', async () => {
    const { cwd, server } = await setUp();
    expect((await server.cli(['verify', 'f', '1'], { cwd })).code).toBe(0);
    const other = await server.cli(['verify', 'f', '2', '--error-format', 'json'], { cwd });
    expect([other.code, other.error()['code']]).toEqual([6, 'integrity.size']);
  });

  it('compares it with a digest that is given', async () => {
    const { cwd } = await setUp();
    const sum = execFileSync('sha256sum', ['f'], { cwd, encoding: 'utf8' }).slice(0, 64);
    expect((await runCli(['verify', 'f', '--expect', `sha256:${sum}`], { cwd })).code).toBe(0);
    expect((await runCli(['verify', 'f', '--expect', `sha256:${'0'.repeat(64)}`], { cwd })).code).toBe(6);
  });

  it('says that there is nothing to compare with', async () => {
    const { cwd } = await setUp();
    await rm(join(cwd, 'f.json'));
    const none = await runCli(['verify', 'f', '--error-format', 'json'], { cwd });
    expect([none.code, none.error()['code']]).toEqual([8, 'io.missing']);
    await writeFile(join(cwd, 'f.json'), '{"id":"1"}');
    const unproven = await runCli(['verify', 'f', '--error-format', 'json'], { cwd });
    expect([unproven.code, unproven.error()['code']]).toEqual([6, 'integrity.unprovable']);
    const missing = await runCli(['verify', 'g', '--error-format', 'json'], { cwd });
    expect([missing.code, missing.error()['code']]).toEqual([8, 'io.missing']);
    expect(missing.error()['message']).toBe('g: there is no such file');
  });

  it('says of a directory without an index that it is no mirror', async () => {
    const { cwd } = await setUp();
    await mkdir(join(cwd, 'd'));
    const { code, error } = await runCli(['verify', 'd', '--error-format', 'json'], { cwd });
    expect([code, error()['code']]).toEqual([8, 'io.missing']);
    expect(error()['message']).toBe(`${join(cwd, 'd')}: it is not a mirror, as it has no index.json`);
  });
});
