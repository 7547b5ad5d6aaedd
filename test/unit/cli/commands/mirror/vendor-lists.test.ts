// Digests in vendors' lists: where they are read from, what is sent there, and what happens with lists that do not help.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Glance, glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { answer, type RawServer, rawServer } from '../../../../support/servers/raw-server.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = makeBytes(100_000);
const digest = (algorithm: string, bytes = data): string => createHash(algorithm).update(bytes).digest('hex');
const sums = `${digest('sha256', Buffer.from('other'))}  other.img\n${digest('sha256')} *noble.img\n`;
const start = (): Promise<Glance> => glance([makeEntry(data, { id: '1', name: 'noble.img', disk_format: 'raw' })]);
const authority = fileURLToPath(new URL('../../../../fixtures/tls/ca.pem', import.meta.url));
const dataRequests = (server: Glance): number => server.asked().filter((each) => each === 'GET /v1/images/1').length;

/** A vendor's server with one list. */
const vendor = (text = sums, certificate?: 'server'): Promise<RawServer> =>
  rawServer((_request, socket) => socket.write(answer('200 OK', text)), certificate);

/** A directory with the image and a list. */
async function withFiles(text = sums): Promise<string> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'noble.img'), data);
  await writeFile(join(cwd, 'SUMS'), text);
  return cwd;
}

describe('verify --against', () => {
  it('compares a file with its entry in a list, and says that nobody checked the signature', async () => {
    const cwd = await withFiles();
    const good = await runCli(['verify', 'noble.img', '--against', 'SUMS', '-f', 'json'], { cwd });
    expect([good.code, JSON.parse(good.stdout)]).toMatchObject([
      0,
      { status: 'ok', algorithm: 'sha256', expected: digest('sha256') },
    ]);
    expect(good.stderr).toContain('the list of checksums agrees; its signature was not checked');
    await writeFile(join(cwd, 'noble.img'), 'changed');
    const bad = await runCli(['verify', 'noble.img', '--against', 'SUMS'], { cwd });
    expect([bad.code, bad.stderr]).toEqual([6, expect.stringContaining('its sha256 differs [integrity.digest]')]);
    expect(bad.stdout).toMatch(new RegExp(`^expected +${digest('sha256')}$`, 'm'));
    expect(bad.stderr).toContain('the signature of the list of checksums was not checked\n');
  });

  it('uses the named entry, or a list that is a single digest', async () => {
    const cwd = await withFiles();
    const named = await runCli(['verify', 'noble.img', '--against', 'SUMS', '--against-name', 'other.img'], { cwd });
    expect(named.code).toBe(6);
    await writeFile(join(cwd, 'noble.img.sha512'), digest('sha512'));
    expect(await runCli(['verify', 'noble.img', '--against', 'noble.img.sha512'], { cwd })).toMatchObject({ code: 0 });
  });

  it('compares with the image too, if one is named', async () => {
    const [cwd, server] = [await withFiles(), await start()];
    const both = await server.cli(['verify', 'noble.img', '1', '--against', 'SUMS'], { cwd });
    expect(both).toMatchObject({ code: 0 });
  });

  it.each([
    ['no entry', `${digest('sha256')}  jammy.img`, 'integrity.unprovable', 'has no checksum for "noble.img"'],
    ['a page', '<html><body>Sign in</body></html>', 'integrity.unprovable', 'is not a list of checksums'],
    [
      'two that differ',
      `${sums}${digest('sha256', Buffer.from('x'))}  noble.img\n`,
      'integrity.contradiction',
      'differ',
    ],
  ])('exits with 6 for a list with %s', async (_what, text, code, told) => {
    const cwd = await withFiles(text);
    const { code: exit, error } = await runCli(['verify', 'noble.img', '--against', 'SUMS', '--error-format', 'json'], {
      cwd,
    });
    expect([exit, error()]).toMatchObject([6, { code, message: expect.stringContaining(told) }]);
  });

  it.each([
    ['file:///etc/SUMS', 2, 'without file://'],
    ['ftp://vendor.example/SUMS', 2, 'an http or https URL, or the path of a file'],
    ['https://me:s3cret@vendor.example/SUMS', 2, 'must not have a user or password'],
    ['missing', 8, 'there is no such file'],
    ['.', 2, 'it is a directory'],
  ])('refuses %s', async (list, exit, told) => {
    const { code, stderr } = await runCli(['verify', 'noble.img', '--against', list], { cwd: await withFiles() });
    expect([code, stderr]).toEqual([exit, expect.stringContaining(told)]);
    expect(stderr).not.toContain('s3cret');
  });

  it('accepts only one file, and a name only with a list', async () => {
    const cwd = await withFiles();
    expect(await runCli(['verify', '.', '--against', 'SUMS'], { cwd })).toMatchObject({ code: 2 });
    expect(await runCli(['verify', 'noble.img', '--against-name', 'x'], { cwd })).toMatchObject({ code: 2 });
  });
});

describe('a list on a server', () => {
  const verify = async (url: URL | string, more: readonly string[] = [], env: Record<string, string> = {}) =>
    await runCli(['verify', 'noble.img', '--against', String(url), ...more], { cwd: await withFiles(), env });

  it('is read over plain http with a warning, and over TLS without', async () => {
    const plain = await verify((await vendor()).url);
    expect([plain.code, plain.stderr]).toEqual([0, expect.stringContaining('comes over plain http')]);
    const safe = await verify((await vendor(sums, 'server')).url, [], { SSL_CERT_FILE: authority });
    expect([safe.code, safe.stderr.includes('http')]).toEqual([0, false]);
  });

  it('needs a trusted certificate, whatever applies to Glance', async () => {
    const { url } = await vendor(sums, 'server');
    for (const more of [['--insecure'], ['--os-cacert', authority]]) {
      expect(await verify(url, more)).toMatchObject({ code: 10 });
    }
  });

  it('is retried after a temporary failure', async () => {
    const busy = await rawServer((_request, socket, index) =>
      socket.write(index === 0 ? answer('503 Service Unavailable', '') : answer('200 OK', sums)),
    );
    expect(await verify(busy.url)).toMatchObject({ code: 0 });
    const gone = await rawServer((_request, socket) => socket.write(answer('404 Not Found', '')));
    const { code, stderr } = await verify(new URL('SUMS', gone.url));
    expect([code, stderr]).toEqual([
      7,
      expect.stringContaining(`cannot fetch the list of checksums ${gone.url.href}SUMS: `),
    ]);
  });

  it('is followed to other servers, with a limit', async () => {
    const there = await vendor();
    const led = await rawServer((_request, socket) =>
      socket.write(answer('302 Found', '', `Location: ${there.url.href}mirror/SUMS`)),
    );
    expect(await verify(led.url)).toMatchObject({ code: 0 });
    const round = await rawServer((_request, socket) => socket.write(answer('302 Found', '', 'Location: /again')));
    const { code, stderr } = await verify(round.url);
    expect([code, round.requests.length, stderr]).toEqual([7, 5, expect.stringContaining('redirects in a loop')]);
  });

  it('may have 4 MiB, and not one byte more', async () => {
    const most = `${sums}${' '.repeat(4 * 1024 * 1024 - sums.length)}`;
    expect(await verify((await vendor(most)).url)).toMatchObject({ code: 0 });
    const { code, stderr } = await verify((await vendor(`${most} `)).url);
    expect([code, stderr]).toEqual([7, expect.stringContaining('larger than 4194304 bytes')]);
  });
});

describe('download --expect-from', () => {
  it('verifies with the digest of the list, which is requested without a token, even from Glance itself', async () => {
    const there = await vendor();
    const led = {
      on: { path: /SUMS/ },
      do: { type: 'redirect', status: 302, location: `${there.url.href}SUMS` } as const,
    };
    const server = await glance([makeEntry(data, { id: '1', name: 'noble.img', disk_format: 'raw' })], [led]);
    const cwd = await tempDir();
    const env = { OS_TOKEN: 's3cret-t0ken' };
    const list = `${server.url.href}SUMS`;
    const result = await server.cli(['download', '1', '-o', 'a', '-f', 'json', '--expect-from', list], { cwd, env });
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { verified_by: 'sha256' }]);
    expect(result.stderr).toContain('the list of checksums agrees; its signature was not checked');
    const asked = server.requests.filter(({ path }) => path.startsWith('/SUMS'));
    expect(asked.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined]);
    expect(server.requests.some(({ headers }) => headers['x-auth-token'] === 's3cret-t0ken')).toBe(true);
    expect(
      there.requests.map(({ headers }) => [...headers.values()].some((value) => value.includes('s3cret'))),
    ).toEqual([false]);
  });

  it.each([
    ['of other data', sums.replace(digest('sha256'), digest('sha256', Buffer.from('x'))), 1],
    ['that contradicts Glance', sums.replace(digest('sha256'), digest('md5', Buffer.from('x'))), 0],
    ['without the image', 'nothing', 0],
  ])('ends with 6 for a list %s, the target untouched', async (_what, text, asked) => {
    const [cwd, server] = [await withFiles(text), await start()];
    await writeFile(join(cwd, 'target'), 'before');
    const { code } = await server.cli(['download', '1', '-o', 'target', '--force', '--expect-from', 'SUMS'], { cwd });
    expect([code, await readFile(join(cwd, 'target'), 'utf8'), dataRequests(server)]).toEqual([6, 'before', asked]);
  });

  it('looks up each of several images by name, in a list that is read once', async () => {
    const [cwd, there] = [await tempDir(), await vendor()];
    const server = await glance([
      makeEntry(data, { id: '1', name: 'noble.img', disk_format: 'raw' }),
      makeEntry('other', { id: '2', name: 'other.img', disk_format: 'raw' }),
      makeEntry('more', { id: '3', name: 'more.img', disk_format: 'raw' }),
    ]);
    const args = ['download', '1', '2', '3', '-o', 'd/', '-f', 'json', '--expect-from', there.url.href];
    const { code, stdout } = await server.cli(args, { cwd });
    const rows = JSON.parse(stdout) as { verified_by: string | null; error: { code: string } | null }[];
    expect([code, rows.map((row) => row.verified_by ?? row.error?.code)]).toEqual([
      9,
      ['sha256', 'sha256', 'integrity.unprovable'],
    ]);
    expect(there.requests.length).toBe(1);
    expect(await server.cli([...args, '--against-name', 'x'], { cwd })).toMatchObject({ code: 2 });
  });

  it('fetches none of several images if there is no list', async () => {
    const [cwd, server] = [await tempDir(), await start()];
    const { code } = await server.cli(['download', '1', 'x', '-o', 'd/', '--expect-from', 'missing'], { cwd });
    expect([code, dataRequests(server), await readdir(cwd)]).toEqual([8, 0, []]);
  });
});
