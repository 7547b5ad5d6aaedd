// Other clients against `serve`. They need no stack, only to be installed; missing ones are named.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeBytes } from '../support/images.ts';
import { type Running, start, startCli } from '../support/spawn-cli.ts';

const clients = ['glance', 'openstack', 'curl', 'wget', 'aria2c'] as const;
type Client = (typeof clients)[number];

const installed = new Set<string>(
  clients.filter((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      process.stderr.write(`SKIPPED: ${name} is not installed and not tried against serve\n`);
      return false;
    }
  }),
);

const id = '0e0e0e0e-0000-4000-8000-000000000001';
const small = '0e0e0e0e-0000-4000-8000-000000000002';
const data = makeBytes(3_000_000);
const token = 's3cret-token';

let [directory, url] = ['', ''];
let server: Running;
let work = '';

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'glance-cli-test-')));
  await writeFile(join(directory, 'large image.qcow2'), data);
  await writeFile(
    join(directory, 'large image.qcow2.json'),
    JSON.stringify({ id, tags: ['a'], properties: { os: 'x' } }),
  );
  await writeFile(join(directory, 'small.raw'), 'small');
  await writeFile(join(directory, 'small.raw.json'), JSON.stringify({ id: small }));
  await writeFile(join(directory, '.token'), token);
  server = startCli(['serve', directory, '--port', '0', '--token-file', '.token'], {}, directory);
  url = (await new Promise<Buffer>((listening) => server.child.stdout?.once('data', listening))).toString().trim();
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  work = await mkdtemp(join(directory, '.work-'));
});

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a client in a directory of its own, which is also its home. */
async function run(client: string, ...args: readonly string[]): Promise<Result> {
  const { code, stdout, stderr } = await start([client, ...args], { HOME: work, LANG: 'C.UTF-8' }, work).ended;
  return { code, stdout: stdout.toString(), stderr };
}

const dataUrl = (): string => `${url}v2/images/${id}/file`;
const header = `X-Auth-Token: ${token}`;
const isMissing = (client: Client): boolean => !installed.has(client);

async function expectFile(name: string): Promise<void> {
  expect((await readFile(join(work, name))).equals(data)).toBe(true);
}

describe.skipIf(isMissing('glance'))('glance over API v2', () => {
  const glance = (...args: readonly string[]): Promise<Result> =>
    run('glance', '--os-image-api-version', '2', '--os-image-url', url, '--os-auth-token', token, ...args);

  test('lists, shows and follows pages', async () => {
    const list = await glance('image-list', '--page-size', '1', '--sort', 'name:asc');
    const show = await glance('image-show', id);

    expect([list.code, show.code]).toEqual([0, 0]);
    expect(list.stdout).toMatch(/large image[^]*small/);
    expect(show.stdout).toMatch(/\| tags +\| \["a"\]/);
    expect(show.stdout).toMatch(/\| os_hash_algo +\| sha512/);
  });

  test('downloads, and confirms the multihash', async () => {
    const { code, stderr } = await glance('image-download', id, '--file', 'f');

    expect([code, stderr]).toEqual([0, '']);
    await expectFile('f');
  });

  test('is told what is not allowed', async () => {
    const { code, stderr } = await glance('image-delete', id);

    expect(code).toBe(1);
    expect(stderr).toContain('not permitted to delete');
  });
});

describe.skipIf(isMissing('glance'))('glance over API v1', () => {
  const glance = (...args: readonly string[]): Promise<Result> =>
    run('glance', '--os-image-api-version', '1', '--os-image-url', url, '--os-auth-token', token, ...args);

  test('lists, shows and downloads', async () => {
    const list = await glance('image-list', '--page-size', '1');
    const show = await glance('image-show', id);
    const download = await glance('image-download', id, '--file', 'f');

    expect([list.code, show.code, download.code]).toEqual([0, 0, 0]);
    expect(list.stdout).toMatch(/small[^]*large image|large image[^]*small/);
    expect(show.stdout).toContain("Property 'os'");
    await expectFile('f');
  });
});

describe.skipIf(isMissing('openstack'))('openstack', () => {
  // Without a login it uses the endpoint as it is, including the version.
  const openstack = (...args: readonly string[]): Promise<Result> =>
    run('openstack', '--os-auth-type', 'admin_token', '--os-endpoint', `${url}v2`, '--os-token', token, ...args);

  test('lists, filters and shows', async () => {
    const list = await openstack('image', 'list', '--tag', 'a', '-f', 'json');
    const show = await openstack('image', 'show', 'small', '-f', 'json');

    expect(JSON.parse(list.stdout)).toEqual([{ ID: id, Name: 'large image', Status: 'active' }]);
    expect(JSON.parse(show.stdout)).toMatchObject({ id: small, size: 5, status: 'active' });
  });

  test('saves', async () => {
    const { code, stderr } = await openstack('image', 'save', '--file', 'f', id);

    expect([code, stderr]).toEqual([0, '']);
    await expectFile('f');
  });
});

describe.skipIf(isMissing('curl'))('curl', () => {
  test('resumes where it stopped', async () => {
    await writeFile(join(work, 'f'), data.subarray(0, 1_000_000));

    const { code } = await run('curl', '-sS', '-f', '-C', '-', '-H', header, '-o', 'f', dataUrl());

    expect(code).toBe(0);
    await expectFile('f');
  });

  test('is refused without the token', async () => {
    const { stdout } = await run('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', dataUrl());

    expect(stdout).toBe('401');
  });
});

describe.skipIf(isMissing('wget'))('wget', () => {
  test('resumes where it stopped', async () => {
    await writeFile(join(work, 'file'), data.subarray(0, 1_000_000));

    const { code } = await run('wget', '-q', '-c', '--header', header, dataUrl());

    expect(code).toBe(0);
    await expectFile('file');
  });
});

describe.skipIf(isMissing('aria2c'))('aria2c', () => {
  test('fetches parts in parallel', async () => {
    const args = ['-q', '-x', '4', '-s', '4', '-k', '1M', '--header', header, '-o', 'f', dataUrl()];
    const { code } = await run('aria2c', ...args);

    expect(code).toBe(0);
    await expectFile('f');
    expect(await readdir(work)).toEqual(['f']);
  });
});

describe('our own client', () => {
  test.each([['1'], ['2']])('lists and downloads over API v%s, with ranges at once', async (version) => {
    await writeFile(join(work, 'token'), token);
    const options = ['--endpoint', url, '--image-api-version', version, '--token-file', 'token'];
    const list = await startCli([...options, 'list', '-f', 'json', '--sort', 'size:asc'], {}, work).ended;
    const got = await startCli([...options, 'download', id, '-o', 'f', '--connections', '4', '-f', 'json'], {}, work)
      .ended;

    expect((JSON.parse(list.stdout.toString()) as { id: string }[]).map((image) => image.id)).toEqual([small, id]);
    expect(got.code).toBe(0);
    expect(JSON.parse(got.stdout.toString())).toMatchObject({ verified_by: version === '1' ? 'md5' : 'sha512' });
    await expectFile('f');
  });
});
