import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { imageKeys } from '../../../src/image/image.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = makeBytes(300_000);
const md5 = createHash('md5').update(data).digest('hex');
const ubuntu = makeEntry(data, {
  id: '1',
  name: 'Ubuntu 10.04 Plain',
  disk_format: 'vhd',
  container_format: 'ovf',
  created_at: '2010-02-03T09:34:01Z',
  updated_at: '2010-02-03T09:34:01Z',
  direct_url: 'swift://account:s3cret/container/image.tar.gz.0',
  properties: { distro: 'Ubuntu 10.04 LTS' },
});
const twins = [2, 3].map((number) =>
  makeEntry(`twin ${String(number)}`, {
    id: `tw-${String(number)}`,
    name: 'twin',
    created_at: `2026-01-0${String(number)}T00:00:00Z`,
  }),
);
const evil = makeEntry('evil', { id: 'e', name: '../../etc/evil', checksum: null });
const catalog = [ubuntu, ...twins, evil];

describe.each(['glance', 'document'] as const)('against a server in the style %s', (style) => {
  const start = () => glance(catalog, [], { style });

  it('show prints the metadata from the response headers', async () => {
    const server = await start();
    const { code, stdout, stderr } = await server.cli(['show', '1']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('  name              Ubuntu 10.04 Plain\n');
    expect(stdout).toContain('  size              293.0 KiB (300000 bytes)\n');
    expect(stdout).toContain('  created_at        2010-02-03 09:34:01 UTC\n');
    expect(stdout).toContain('  distro            Ubuntu 10.04 LTS\n');
    const unversioned = ['GET /', 'GET /v2/images?limit=1', 'HEAD /images/1'];
    expect(server.asked()).toEqual(style === 'glance' ? ['GET /', 'HEAD /v1/images/1'] : unversioned);
  });

  it('show -f json prints every key, unset ones as null, the location without its key', async () => {
    const { stdout } = await (await start()).cli(['show', '1', '-f', 'json']);
    const image = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(image)).toEqual(imageKeys);
    expect(image).toMatchObject({
      id: '1',
      visibility: 'public',
      size: 300_000,
      checksum: md5,
      virtual_size: null,
      owner: null,
      deleted_at: null,
      direct_url: style === 'glance' ? null : 'swift://***:***/container/image.tar.gz.0',
      properties: { distro: 'Ubuntu 10.04 LTS' },
    });
  });

  it('list prints the same objects as show, sorted by name', async () => {
    const server = await start();
    const listed = JSON.parse((await server.cli(['list', '-f', 'json'])).stdout) as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(['e', '1', 'tw-2', 'tw-3']);
    const shown = JSON.parse((await server.cli(['show', '1', '-f', 'json'])).stdout) as object;
    // The specification's headers have a location, but no protection.
    expect({ ...listed[1], direct_url: null, protected: null }).toEqual({
      ...shown,
      direct_url: null,
      protected: null,
    });
  });

  it.each(['ndjson', 'yaml', 'csv', 'value', 'table'] as const)('list -f %s has every image', async (format) => {
    const { code, stdout } = await (await start()).cli(['list', '-f', format, '-c', 'id', '-c', 'status']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const rows = {
      ndjson: () => lines.map((line) => Object.values(JSON.parse(line) as object).join(' ')),
      yaml: () => (parseYaml(stdout) as object[]).map((row) => Object.values(row).join(' ')),
      csv: () => lines.slice(1).map((line) => line.replace(',', ' ')),
      value: () => lines,
      table: () => lines.slice(1).map((line) => line.replace(/\s+/, ' ')),
    }[format]();
    // For people the order is natural; programs get the server's.
    const order = format === 'table' ? ['e', 'tw-2', 'tw-3', '1'] : ['e', '1', 'tw-2', 'tw-3'];
    expect(rows).toEqual(order.map((id) => `${id} active`));
  });

  it('download writes the verified file, and says so', async () => {
    const cwd = await tempDir();
    const { code, stdout, stderr } = await (await start()).cli(['download', '1', '-o', 'f'], { cwd });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/\/f: 293\.0 KiB in .* md5 verified\n$/);
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
  });

  it('download without -o writes just the bytes to a pipe', async () => {
    const { code, stdoutBytes, stderr } = await (await start()).cli(['download', '1', '--progress', 'none']);
    expect(code).toBe(0);
    expect(stdoutBytes).toEqual(data);
    expect(stderr).toContain('md5 verified');
  });

  it('accepts the full URI of an image without any other configuration', async () => {
    const server = await start();
    const uri = new URL(style === 'glance' ? '/v1/images/1' : '/images/1', server.url).href;
    const { code, stdoutBytes } = await runCli(['download', uri]);
    expect(code).toBe(0);
    expect(stdoutBytes).toEqual(data);
  });
});

describe('naming an image', () => {
  it('by name, after trying it as an id', async () => {
    const server = await glance(catalog);
    const { stdout } = await server.cli(['show', 'Ubuntu 10.04 Plain', '-f', 'value', '-c', 'id']);
    expect(stdout).toBe('1\n');
  });

  it('fails if several have that name and lists them, but --latest takes the newest', async () => {
    const server = await glance(catalog);
    const { code, stderr } = await server.cli(['show', 'twin']);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error: several images are called twin \[image\.ambiguous\]\n {2}tw-2 .*\n {2}tw-3 .*\n {2}hint: /,
    );
    const json = await server.cli(['show', 'twin', '-f', 'json']);
    expect(json.error()).toMatchObject({ code: 'image.ambiguous', exit: 3, matches: [{ id: 'tw-2' }, { id: 'tw-3' }] });
    expect((await server.cli(['show', 'twin', '--latest', '-f', 'value', '-c', 'id'])).stdout).toBe('tw-3\n');
  });

  it('with a pinned digest refuses other data before fetching a byte', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    expect((await server.cli(['download', `1@md5:${md5}`, '-o', 'good'], { cwd })).code).toBe(0);
    const wrong = await server.cli(['download', `1@md5:${'0'.repeat(32)}`, '-o', 'bad', '-f', 'json'], { cwd });
    expect(wrong.code).toBe(6);
    expect(wrong.error()).toMatchObject({ code: 'integrity.pin' });
    expect(await readdir(cwd)).toEqual(['good']);
    expect(server.asked().filter((request) => request.startsWith('GET /v1/images/1'))).toHaveLength(1);
  });

  it('with a pin of an algorithm that the server lacks is decided by the data', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const sha256 = createHash('sha256').update(data).digest('hex');
    const good = await server.cli(['download', '1', '--expect', `sha256:${sha256}`, '-o', 'good', '-f', 'json'], {
      cwd,
    });
    expect(JSON.parse(good.stdout)).toMatchObject({ verified_by: 'sha256', digests: { sha256, md5 } });
    const bad = await server.cli(['download', `1@sha256:${'0'.repeat(64)}`, '-o', 'bad'], { cwd });
    expect(bad.code).toBe(6);
    expect(await readdir(cwd)).toEqual(['good']);
  });
});

describe('list', () => {
  it('sends filters to the server and follows the pages', async () => {
    const server = await glance(
      Array.from({ length: 60 }, (_, index) =>
        makeEntry('x', { id: `id-${String(index)}`, name: `n${String(index)}` }),
      ),
    );
    const { stdout } = await server.cli([
      'list',
      '--status',
      'active',
      '--size-max',
      '1K',
      '--property',
      'a=b c',
      '--page-size',
      '25',
      '-f',
      'json',
    ]);
    expect(JSON.parse(stdout)).toEqual([]);
    expect(server.asked().at(-1)).toBe(
      'GET /v1/images/detail?status=active&size_max=1024&property-a=b%20c&sort_key=name&sort_dir=asc&limit=25',
    );
    const all = await server.cli(['list', '--page-size', '25', '-f', 'value', '-c', 'id']);
    expect(new Set(all.stdout.trimEnd().split('\n')).size).toBe(60);
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(60);
    expect(
      (await server.cli(['list', '--limit', '7', '-f', 'value', '-c', 'id'])).stdout.trimEnd().split('\n'),
    ).toHaveLength(7);
  });

  it('prints nothing to stdout if nothing is found, and says so on stderr', async () => {
    const server = await glance(catalog);
    const { code, stdout, stderr } = await server.cli(['list', '--name', 'nothing']);
    expect([code, stdout, stderr]).toEqual([0, '', 'no images match\n']);
    const empty = await (await glance([])).cli(['list']);
    expect([empty.code, empty.stdout, empty.stderr]).toEqual([0, '', 'there are no images\n']);
    expect((await server.cli(['list', '--name', 'nothing', '-f', 'json'])).stdout).toBe('[]\n');
  });

  it.each([['--tag', 'x'], ['--hidden'], ['--shared'], ['--sort', 'owner']])(
    'refuses %s, which API v1 cannot answer',
    async (...option) => {
      const server = await glance(catalog);
      const { code, stderr } = await server.cli(['list', ...option]);
      expect(code).toBe(2);
      expect(stderr).toContain('[usage.unsupported]');
    },
  );

  it('fits a terminal and escapes what could control it', async () => {
    const server = await glance([...catalog, makeEntry('x', { id: 'x', name: 'esc\u001b[2J\u202e' })]);
    const { stdout } = await server.cli(['list'], { stdoutColumns: 60, env: { NO_COLOR: '1' } });
    expect(stdout).toMatchInlineSnapshot(`
      "NAME                ID    STATUS  FORMAT       SIZE
      ../../etc/evil      e     active  raw           4 B
      esc\\x1b[2J\\u202e    x     active  raw           1 B
      twin                tw-2  active  raw           6 B
      twin                tw-3  active  raw           6 B
      Ubuntu 10.04 Plain  1     active  vhd     293.0 KiB
      "
    `);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('members', () => {
  it('lists who an image is shared with, and what is shared with a project', async () => {
    const shared = makeEntry('x', { id: 's', name: 'shared', visibility: 'private', owner: 't1' }, [
      { member_id: 't2', can_share: false },
      { member_id: 't3', can_share: true },
    ]);
    const server = await glance([shared]);
    const { stdout } = await server.cli(['members', 's', '-f', 'json']);
    expect(JSON.parse(stdout)).toEqual([
      { image_id: 's', member_id: 't2', status: null, can_share: false, created_at: null, updated_at: null },
      { image_id: 's', member_id: 't3', status: null, can_share: true, created_at: null, updated_at: null },
    ]);
    const given = await server.cli([
      'members',
      '--shared-with',
      't2',
      '-f',
      'value',
      '-c',
      'image_id',
      '-c',
      'member_id',
    ]);
    expect(given.stdout).toBe('s t2\n');
  });

  it('needs an image or a project', async () => {
    const server = await glance(catalog);
    expect((await server.cli(['members'])).code).toBe(2);
    expect((await server.cli(['members', '1', '--shared-with', 'x'])).code).toBe(2);
  });
});

describe('download', () => {
  it('chooses safe file names, in a given or the current directory', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    await server.cli(['download', 'e', '-O'], { cwd });
    await server.cli(['download', '1', '--output', './'], { cwd });
    await server.cli(['save', 'tw-2', '--file', '.'], { cwd });
    expect((await readdir(cwd)).toSorted()).toEqual(['Ubuntu 10.04 Plain.vhd', '_.._etc_evil.raw', 'twin.raw']);
  });

  it('leaves a file that matches alone, refuses one that differs, and replaces it with --force', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    await writeFile(join(cwd, 'f'), data);
    const current = await server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
    expect(JSON.parse(current.stdout)).toMatchObject({
      outcome: 'current',
      image: '1',
      bytes: 300_000,
      verified: true,
    });
    await writeFile(join(cwd, 'f'), 'old');
    const refused = await server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
    expect(refused.code).toBe(8);
    expect(refused.error()).toMatchObject({ code: 'io.exists', image: '1', retryable: false });
    expect(await readFile(join(cwd, 'f'), 'utf8')).toBe('old');
    expect(server.asked().some((request) => request.startsWith('GET /v1/images/1'))).toBe(false);
    expect((await server.cli(['download', '1', '-o', 'f', '--force'], { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
  });

  it('refuses to write image data to a terminal, and names both alternatives', async () => {
    const server = await glance(catalog);
    const { code, stderr, stdout } = await server.cli(['download', '1'], { stdoutColumns: 80 });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/\[usage\.terminal\]\n.*-o FILE.*pipe/);
    expect(server.requests).toEqual([]);
  });

  it('warns if the server has no digest, and fails if one is required', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const loose = await server.cli(['download', 'e', '-o', 'f', '-f', 'json'], { cwd });
    expect(loose.code).toBe(0);
    expect(loose.stderr).toContain('warning: not verified: the server has no digest');
    expect(JSON.parse(loose.stdout)).toMatchObject({ verified: false, verified_by: null });
    const strict = await server.cli(['download', 'e', '-o', 'g', '--require-checksum', '-f', 'json'], { cwd });
    expect(strict.code).toBe(6);
    expect(strict.error()).toMatchObject({ code: 'integrity.unprovable' });
    expect(await readdir(cwd)).toEqual(['f']);
  });

  it.each([
    ['queued', 3, 'image.no_data', '; download with --wait waits for that'],
    ['saving', 3, 'image.no_data', '; download with --wait waits for that'],
    ['deactivated', 4, 'image.deactivated', 'an administrator has taken it out of use'],
  ])('of an image that is %s ends with exit %i', async (status, exit, code, hint) => {
    const cwd = await tempDir();
    const server = await glance([makeEntry('x', { id: '1', status })]);
    const result = await server.cli(['download', '1', '-o', 'f', '--error-format', 'json'], { cwd });
    expect(result.code).toBe(exit);
    expect(result.error()).toMatchObject({ code, exit, hint: expect.stringContaining(hint) as string });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('keeps the permissions of a file that it replaces', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f'), 'old', { mode: 0o600 });
    const server = await glance(catalog);
    expect((await server.cli(['download', '1', '-o', 'f', '--force'], { cwd })).code).toBe(0);
    expect((await stat(join(cwd, 'f'))).mode.toString(8)).toBe('100600');
  });

  it('names the strongest digest that was compared, whatever its source', async () => {
    const cwd = await tempDir();
    const sha512 = createHash('sha512').update(data).digest('hex');
    const server = await glance(catalog);
    const { stdout } = await server.cli(
      ['download', '1', '-o', 'f', '--expect', `md5:${md5}`, '--expect', `sha512:${sha512}`, '-f', 'json'],
      { cwd },
    );
    expect(JSON.parse(stdout)).toMatchObject({ verified_by: 'sha512' });
  });

  it('notices a missing directory before it asks the server', async () => {
    const { code, error } = await runCli(
      ['download', '1', '-o', 'missing/f', '--endpoint', 'http://127.0.0.1:1', '-f', 'json'],
      { cwd: await tempDir() },
    );
    expect([code, error()['code']]).toEqual([8, 'io.missing']);
  });

  it('creates a directory given with a slash, and its parents, once the image is found', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const made = await server.cli(['download', '1', '-o', 'new/', '-f', 'json'], { cwd });
    expect(made.code).toBe(0);
    expect(await readdir(join(cwd, 'new'))).toHaveLength(1);
    const none = await server.cli(['download', 'nobody', '-o', 'other/one/', '-f', 'json'], { cwd });
    expect(none.code).toBe(3);
    await writeFile(join(cwd, 'file'), '');
    const asked = server.asked().length;
    const { code, error } = await server.cli(['download', '1', '2', '-o', 'file/in/it/', '-f', 'json'], { cwd });
    expect([code, error()['code'], server.asked().length]).toEqual([8, 'io.missing', asked]);
    expect(await readdir(cwd)).toEqual(['file', 'new']);
    expect((await server.cli(['download', '1', '-o', 'no/such/', '-q'], { cwd })).code).toBe(0);
    expect(await readdir(join(cwd, 'no/such'))).toHaveLength(1);
  });

  it('computes further digests in the same pass', async () => {
    const cwd = await tempDir();
    const { stdout } = await (
      await glance(catalog)
    ).cli(['download', '1', '-o', 'f', '--digest', 'SHA-512', '-f', 'json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ digests: { sha512: createHash('sha512').update(data).digest('hex') } });
  });

  it('reports progress as JSON lines', async () => {
    const { stderr } = await (await glance(catalog)).cli(['download', '1', '--progress', 'json']);
    const events = stderr
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { event: string; bytes?: number });
    expect(events[0]).toMatchObject({ event: 'start', total: 300_000 });
    expect(events.filter(({ event }) => event === 'progress').at(-1)).toMatchObject({ bytes: 300_000, total: 300_000 });
    expect(events.at(-1)?.event).toBe('done');
  });

  it('downloads an empty image', async () => {
    const cwd = await tempDir();
    const server = await glance([makeEntry('', { id: '0', checksum: null })]);
    expect((await server.cli(['download', '0', '-o', 'f'], { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'f'))).toHaveLength(0);
  });
});

describe('settings', () => {
  it('take the token from a file, standard input or the environment', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'token'), ' s3cret \n');
    const server = await glance(catalog, [], { token: 's3cret' });
    expect((await server.cli(['show', '1', '--token-file', 'token'], { cwd })).code).toBe(0);
    expect((await server.cli(['--token-file', '-', 'show', '1'], { stdin: 's3cret\n' })).code).toBe(0);
    expect((await server.cli(['show', '1'], { env: { OS_TOKEN: 's3cret' } })).code).toBe(0);
    const denied = await server.cli(['show', '1', '-f', 'json'], { env: { OS_TOKEN: 'wrong' } });
    expect(denied.code).toBe(4);
    expect(denied.error()).toMatchObject({ code: 'auth.required', http_status: 401 });
  });

  it("take it from the command line like OpenStack's clients, and warn that everybody can read it there", async () => {
    const { url } = await glance(catalog, [], { token: 's3cret' });
    for (const flag of ['--os-token', '--os-auth-token', '--os_auth_token']) {
      const { code, stderr } = await runCli(['--os-image-url', url.href, flag, 's3cret', 'image-show', '1']);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^warning: --os-(?:auth-)?token on the command line: every user of this machine can read it/,
      );
    }
    const refused = await runCli(['--endpoint', url.href, '--os-auth-token', 'wr0ng', 'show', '1']);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('--os-auth-token') });
    expect(refused.stderr).not.toContain('wr0ng');
  });

  it('never send the token to another origin than the configured one', async () => {
    const home = await glance(catalog);
    const other = await glance(catalog);
    const uri = (server: { url: URL }): string => new URL('/v1/images/1', server.url).href;
    await home.cli(['show', uri(home)], { env: { OS_TOKEN: 's3cret' } });
    await home.cli(['show', uri(other)], { env: { OS_TOKEN: 's3cret' } });
    expect(home.requests.map(({ headers }) => headers['x-auth-token'])).toEqual(['s3cret']);
    expect(other.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined]);
  });

  it('say when a token is withheld, and never show what is in a URL', async () => {
    const other = await glance(catalog);
    const uri = new URL('/v1/images/1', other.url).href;
    const { stderr } = await runCli(['show', uri], { env: { OS_TOKEN: 's3cret' } });
    expect(stderr).toMatch(/^warning: no token is sent to http:\/\/127\.0\.0\.1:\d+/);
    const bad = await runCli(['list', '--endpoint', 'ftp://me:hunter2@host/', '-f', 'json']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).not.toContain('hunter2');
  });

  it('may come before or after the command, with dashes or underscores', async () => {
    const server = await glance(catalog);
    for (const argv of [
      ['-f', 'json', 'show', '1'],
      ['show', '-f', 'json', '1'],
      ['show', '1', '--os_image_api_version', '1', '-f=json'.slice(0, 2), 'json'],
    ]) {
      expect(JSON.parse((await server.cli(argv)).stdout)).toMatchObject({ id: '1' });
    }
  });

  it('--debug shows requests and answers, but no secret', async () => {
    const server = await glance(catalog, [], { style: 'document', token: 's3cret-token' });
    const { stderr } = await server.cli(['show', '1', '--debug'], { env: { OS_TOKEN: 's3cret-token' } });
    expect(stderr).toContain('> HEAD ');
    expect(stderr).toContain('< x-image-meta-size: 300000');
    expect(stderr).toContain('x-auth-token: [redacted]');
    expect(stderr).not.toContain('s3cret');
  });

  it('--show-secrets shows them on request', async () => {
    const server = await glance(catalog, [], { style: 'document' });
    expect((await server.cli(['show', '1', '--show-secrets', '-c', 'direct_url', '-f', 'value'])).stdout).toBe(
      'swift://account:s3cret/container/image.tar.gz.0\n',
    );
  });

  it.each([
    [['list'], { OS_IMAGE_ENDPOINT_OVERRIDE: '' }, 'config.missing'],
    [['list', '--endpoint', 'glance'], {}, 'config.invalid'],
    [['list', '--os-cacert', 'missing/ca.pem'], {}, 'config.invalid'],
    [['list'], { OS_IMAGE_API_VERSION: '3' }, 'config.invalid'],
    [['list', '--token-file', 'missing'], {}, 'config.invalid'],
    [['list'], { OS_TOKEN: 'a\nb' }, 'config.invalid'],
    [['stores', '--endpoint'], {}, 'usage.argument'],
    [['list', '--colour'], {}, 'usage.option'],
    [['lst'], {}, 'usage.option'],
    [['show'], {}, 'usage.argument'],
    [['list', '--limit', '-1'], {}, 'usage.argument'],
    [['list', '--format', 'xml'], {}, 'usage.argument'],
    [['list', '--public', '--private'], {}, 'usage.option'],
    [['download', '1', '-o', 'f', '-O'], {}, 'usage.option'],
    [['download', '1', '-o', ''], {}, 'usage.option'],
    [['list', '--timeout', '3000000'], {}, 'usage.argument'],
    [['download', '1', '--expect', 'md5:xyz'], {}, 'usage.argument'],
    [['show', '1', '-c', 'colour'], {}, 'usage.argument'],
  ])('%j with %j is a usage error: %s', async (argv, env, code) => {
    const server = await glance(catalog);
    const { code: exit, stderr, error } = await server.cli([...argv, '--error-format', 'json'], { env });
    expect({ exit, stdout: stderr.split('\n').length }).toEqual({ exit: 2, stdout: 2 });
    expect(error()).toMatchObject({ code, exit: 2 });
  });

  it('without a command prints help to stderr, and exits with 2', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: glance-cli /);
  });

  it('refuses help on unknown topics', async () => {
    const { code, stdout, error } = await runCli(['help', 'nosuch', '--error-format', 'json']);
    expect([code, stdout]).toEqual([2, '']);
    expect(error()).toMatchObject({ code: 'usage.argument', hint: 'glance-cli help lists them' });
  });

  it.each([
    ['exit-codes', 'EXIT CODES\n  0 (ok)\n'],
    ['errors', '  http.truncated\n      The answer ended early. May be temporary.'],
    ['environment', '  OS_AUTH_URL\n'],
    ['formats', '  os_hash_value\n      The multihash, lower-case hex; null on API v1.\n'],
  ])('help %s lists what is available', async (topic, text) => {
    const { code, stdout, stderr } = await runCli(['help', topic], { stdoutColumns: 100 });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(text);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each([
    [['--help'], 'stdout', { stdoutColumns: 80 }],
    [[], 'stderr', { stderrColumns: 80 }],
  ] as const)('help on all commands fits a terminal: %j', async (argv, stream, columns) => {
    const lines = (await runCli(argv, columns))[stream].split('\n');
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('shows examples in the help of each command', async () => {
    const { stdout } = await runCli(['download', '--help']);
    expect(stdout).toContain('  To a file:\n    glance-cli download ubuntu -o ubuntu.qcow2\n');
  });

  it('help and version make no request', async () => {
    for (const argv of [['--help'], ['help', 'list'], ['download', '-h'], ['--version'], ['version']]) {
      const { code, stdout, stderr } = await runCli(argv);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.length).toBeGreaterThan(5);
    }
  });
});

describe.skipIf(process.getuid?.() === 0)('without permission', () => {
  it('fails before anything is fetched', async () => {
    const cwd = await tempDir();
    await chmod(cwd, 0o500);
    const server = await glance(catalog);
    const { code, error } = await server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
    expect(code).toBe(8);
    expect(error()).toMatchObject({ code: 'io.permission' });
    expect(server.asked().some((request) => request.startsWith('GET /v1/images/1'))).toBe(false);
  });
});
