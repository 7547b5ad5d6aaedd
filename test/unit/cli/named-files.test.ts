// Files that options, variables and settings name, if something other than a file is in their place.
import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { startCli, start, shellProgram } from '../../support/spawn-cli.ts';
import { glance } from '../../support/glance.ts';
import { makeEntry } from '../../support/images.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

type Use = (path: string) => { readonly argv: readonly string[]; readonly env: Record<string, string> };

const endpoint = 'https://127.0.0.1:1';
const byOption =
  (option: string): Use =>
  (path) => ({ argv: ['--endpoint', endpoint, option, path], env: {} });
const byVariable =
  (name: string): Use =>
  (path) => ({ argv: ['--endpoint', endpoint], env: { [name]: path } });

const uses: readonly (readonly [source: string, use: Use])[] = [
  ...['--token-file', '--os-cacert', '--os-cert', '--os-key'].map((name) => [name, byOption(name)] as const),
  ...['OS_CACERT', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE', 'OS_CERT', 'OS_KEY'].map(
    (name) => [name, byVariable(name)] as const,
  ),
];

describe.each(uses)('%s', (source, use) => {
  const list = async (path: string, signal?: AbortSignal): ReturnType<typeof runCli> => {
    const { argv, env } = use(path);
    const all = [...argv, '--retries', '0', '--error-format', 'json', 'list'];
    return await runCli(all, { env, cwd: await tempDir(), ...(signal === undefined ? {} : { signal }) });
  };

  it('refuses a device without reading it', async () => {
    const result = await list('/dev/zero');
    expect([result.code, result.error()]).toMatchObject([2, { code: 'config.invalid' }]);
    expect(result.error()['message']).toBe(`${source}: /dev/zero cannot be read: it is not a file`);
  });

  it('refuses what is far too large without reading it', async () => {
    const path = join(await tempDir(), 'large');
    const file = await open(path, 'w');
    await file.truncate(1024 ** 4);
    await file.close();
    const result = await list(path);
    expect([result.code, result.error()]).toMatchObject([2, { code: 'config.invalid' }]);
    expect(result.error()['message']).toMatch(/cannot be read: it is larger than (?:64 KiB|8 MiB)$/);
  });

  it('waits for the writer of a FIFO until a signal arrives', async () => {
    const path = join(await tempDir(), 'fifo');
    execFileSync('mkfifo', [path]);
    const controller = new AbortController();
    const listing = list(path, controller.signal);
    setImmediate(() => controller.abort(new Interrupted('SIGTERM')));
    expect((await listing).code).toBe(143);
  });

  it('names a missing file', async () => {
    const result = await list('missing');
    expect([result.code, result.error()['message']]).toEqual([
      2,
      `${source}: missing cannot be read: there is no such file`,
    ]);
  });
});

it('waits for a configuration in a FIFO without a writer until a signal arrives', async () => {
  const path = join(await tempDir(), 'fifo');
  execFileSync('mkfifo', [path]);
  const controller = new AbortController();
  const env = { OS_CLIENT_CONFIG_FILE: path, OS_CLOUD: 'x' };
  const listing = runCli(['list'], { env, signal: controller.signal });
  setImmediate(() => controller.abort(new Interrupted('SIGTERM')));
  expect((await listing).code).toBe(143);
});

it('refuses a device in place of a certificate for signatures', async () => {
  const server = await glance([makeEntry(Buffer.from('x'), { id: '1' })]);
  const argv = [
    'download',
    '1',
    '-o',
    'f',
    '--verify-signature',
    '--trusted-cert',
    '/dev/zero',
    '--error-format',
    'json',
  ];
  const result = await server.cli(argv, { cwd: await tempDir() });
  expect([result.code, result.error()]).toMatchObject([2, { code: 'config.invalid' }]);
  expect(result.error()['message']).toBe('--trusted-cert: /dev/zero cannot be read: it is not a file');
});

it.each(['-o f --metadata', '-o f --metadata --force'])(
  'refuses a FIFO as a record beside the file: %s',
  async (options) => {
    const cwd = await tempDir();
    execFileSync('mkfifo', [join(cwd, 'f.json')]);
    const server = await glance([makeEntry(Buffer.from('x'), { id: '1' })]);
    const { code } = await server.cli(['download', '1', ...options.split(' ')], { cwd });
    expect(code).toBe(options.endsWith('--force') ? 0 : 8);
  },
);

it("reads a token from a shell's pipe, from standard input by either name, and from a file", async () => {
  const cwd = await tempDir();
  const server = await glance([makeEntry(Buffer.from('x'), { id: '1' })]);
  await writeFile(join(cwd, 'token'), 'secret-token\n');
  const tokens = ['<(echo secret-token)', '<(sleep 0; echo secret-token)', '- < token', '/dev/stdin < token', 'token'];
  for (const use of tokens) {
    const script = `${shellProgram} list --token-file ${use}`;
    const ended = await start(['bash', '--norc', '-c', script], { OS_IMAGE_ENDPOINT_OVERRIDE: server.url.href }, cwd)
      .ended;
    expect([use, ended.code, ended.stderr]).toEqual([use, 0, '']);
    expect(server.requests.at(-1)?.headers).toMatchObject({ 'x-auth-token': 'secret-token' });
  }
});

it('a signal also ends the wait for a FIFO in a separate process', async () => {
  const cwd = await tempDir();
  execFileSync('mkfifo', [join(cwd, 'fifo')]);
  const { child, ended } = startCli(['--endpoint', endpoint, '--token-file', 'fifo', 'list'], {}, cwd);
  // Opening waits for a reader, so by then the process has come that far.
  const writer = await open(join(cwd, 'fifo'), 'w');
  child.kill('SIGTERM');
  expect((await ended).signal).toBe('SIGTERM');
  await writer.close();
});
