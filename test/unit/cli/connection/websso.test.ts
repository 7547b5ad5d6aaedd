// Logins by browser. An HTTP client takes its place: it opens Keystone's page, and posts the form that it finds.
import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GlanceClient } from '../../../../src/index.ts';
import { Interrupted } from '../../../../src/cli/runtime.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { type KeystoneRequest, scriptedKeystone, tokenBody } from '../../../support/servers/keystone.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { type CliOptions, type CliResult, runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const token = 's3cret-token-of-the-browser';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

interface Sent {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request to this machine, as any program or page could. @returns status, and page */
function send({ method = 'POST', url, headers = {}, body = '' }: Sent): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
    const sent = httpRequest(url.replace('localhost', '127.0.0.1'), {
      method,
      headers: { host: new URL(url).host, ...type, 'content-length': String(Buffer.byteLength(body)) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let page = '';
      response.on('data', (chunk: Buffer) => (page += chunk.toString()));
      response.on('end', () => resolve([response.statusCode ?? 0, page]));
    });
    sent.end(body);
  });
}

interface World {
  readonly port: number;
  /** Where the browser answers. */
  readonly callback: string;
  readonly origin: string;
  readonly env: Record<string, string>;
  readonly keystone: { readonly asked: () => readonly string[]; readonly requests: readonly KeystoneRequest[] };
  readonly pages: URL[];
  /** Runs the command at a terminal, with a person whose browser does this with the page it is shown. */
  readonly cli: (
    argv: readonly string[],
    browse: (page: URL) => Promise<unknown>,
    more?: CliOptions,
  ) => Promise<CliResult>;
  /** What an honest person's browser does. */
  readonly logIn: (page: URL) => Promise<readonly [number, string]>;
}

/** A Glance that accepts the token of a project, and a Keystone that knows the browser's token. */
async function world(env: Readonly<Record<string, string>> = {}, isTls = false): Promise<World> {
  const refused = { on: { path: /images/, where: isOther }, do: { type: 'status', status: 401 } } as const;
  const server = await glance([makeEntry('data', { id: '1', name: 'one' })], [refused]);
  const keystone = await scriptedKeystone(({ method, path, headers, body }) => {
    if (path !== '/v3/auth/tokens') return null;
    const user = { user: { name: 'ada' } };
    const isKnown = method === 'GET' ? headers['x-subject-token'] === token : body.includes(token);
    if (!isKnown) return { status: 404, body: { error: { message: 'Could not find token.' } } };
    if (method === 'GET') return { status: 200, body: tokenBody(null, user) };
    const scoped = tokenBody(server.url.href, { ...user, project: { id: 'p1' } });
    return { status: 201, headers: { 'x-subject-token': 's3cret-scoped' }, body: scoped };
  }, isTls);
  const port = await freePort();
  const home = await tempDir();
  const pages: URL[] = [];
  const { origin } = new URL(keystone.url);
  const callback = `http://localhost:${String(port)}/auth/websso/`;
  const own = {
    OS_AUTH_TYPE: 'v3websso',
    OS_AUTH_URL: keystone.url,
    OS_IDENTITY_PROVIDER: 'idp & co',
    OS_PROTOCOL: 'openid',
    OS_PROJECT_NAME: 'p',
    OS_REDIRECT_PORT: String(port),
    OS_CACERT: fileURLToPath(new URL('../../../fixtures/tls/ca.pem', import.meta.url)),
    ...env,
  };
  const cli: World['cli'] = (argv, browse, more = {}) =>
    runCli([...argv, '--debug'], {
      homedir: home,
      cwd: home,
      env: own,
      stderrColumns: 200,
      openBrowser: (page) => {
        pages.push(page);
        browse(page).catch(() => undefined);
        return true;
      },
      ...more,
    });
  const logIn = (page: URL): Promise<readonly [number, string]> =>
    send({ url: page.searchParams.get('origin') ?? '', headers: { origin }, body: `token=${token}` });
  return { port, callback, origin, env: own, keystone, pages, cli, logIn };
}

function isOther({ headers }: { readonly headers: Readonly<Record<string, string | undefined>> }): boolean {
  return headers['x-auth-token'] !== 's3cret-scoped';
}

describe('a login by browser', () => {
  it('takes what Keystone posts, asks Keystone about it, and keeps the token for the project', async () => {
    const { cli, logIn, keystone, pages, callback, origin } = await world();
    let shown: readonly [number, string] = [0, ''];
    const first = await cli(['show', '1'], async (page) => (shown = await logIn(page)));
    const second = await cli(['show', '1'], logIn);
    expect([first.code, second.code, pages.length]).toEqual([0, 0, 1]);
    const path = '/v3/auth/OS-FEDERATION/identity_providers/idp%20%26%20co/protocols/openid/websso';
    expect(pages[0]?.href).toBe(`${origin}${path}?origin=${callback}`);
    expect(first.stderr).toContain(`log in with the browser that opens; if none does, open ${pages[0]?.href ?? ''}\n`);
    expect(first.stderr).toContain('logged in to envvars as ada\n');
    expect(keystone.asked()).toEqual(['GET /v3/auth/tokens', 'POST /v3/auth/tokens']);
    expect(JSON.parse(keystone.requests[1]?.body ?? '')).toEqual({
      auth: {
        identity: { methods: ['token'], token: { id: token } },
        scope: { project: { name: 'p', domain: { id: 'default' } } },
      },
    });
    expect(shown).toEqual([200, expect.stringContaining('<h1>Logged in</h1>')]);
    for (const { stdout, stderr } of [first, second]) expect(stdout + stderr + shown[1]).not.toContain('s3cret');
  });

  it('is described by doctor, with the token that an earlier run kept', async () => {
    const { cli, logIn } = await world();
    await cli(['show', '1'], logIn);
    const { stdout } = await cli(['doctor', '-f', 'csv', '--no-headers'], logIn);
    expect(stdout).toMatch(
      /^login,ok,"v3websso as ada, for project p1, good until 2999-\S+, cached by an earlier run"$/m,
    );
    expect(stdout).toMatch(/^setting auth\.identity_provider,ok,idp & co \(OS_IDENTITY_PROVIDER\)$/m);
  });

  it('leaves no token of the browser on disk', async () => {
    const { cli, logIn } = await world();
    const homedir = await tempDir();
    expect((await cli(['show', '1'], logIn, { homedir })).code).toBe(0);
    const directory = join(homedir, '.cache/glance-cli/tokens');
    const kept = await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8')));
    expect(kept.map((text) => text.includes(token))).toEqual([false]);
  });

  it("rejects everything but Keystone's form, and keeps waiting", async () => {
    const { cli, logIn, callback, origin, port } = await world();
    const body = `token=${token}`;
    const good = { url: callback, headers: { origin }, body };
    const attempts: readonly (readonly [number, Sent])[] = [
      [403, { ...good, headers: {} }],
      [403, { ...good, headers: { origin: 'http://evil.example' } }],
      [403, { ...good, headers: { origin: 'null' } }],
      [403, { ...good, headers: { origin: `${origin}.evil.example` } }],
      [421, { ...good, headers: { origin, host: `evil.example:${String(port)}` } }],
      [421, { ...good, headers: { origin, host: `127.0.0.1:${String(port)}` } }],
      [404, { ...good, url: new URL('/', callback).href }],
      [404, { ...good, url: `${callback}?a` }],
      [404, { ...good, url: callback.slice(0, -1) }],
      [405, { ...good, method: 'GET', body: '' }],
      [405, { ...good, method: 'OPTIONS', body: '' }],
      [415, { ...good, headers: { origin, 'content-type': 'text/plain' } }],
      [413, { ...good, body: `token=${'x'.repeat(70_000)}` }],
      [400, { ...good, body: '' }],
      [400, { ...good, body: 'token=' }],
      [400, { ...good, body: `${body}&token=other` }],
      [400, { ...good, body: 'token=a%0d%0ab' }],
    ];
    const answers: (readonly [number, string])[] = [];
    const { code, stderr } = await cli(['show', '1'], async (page) => {
      for (const [, attempt] of attempts) answers.push(await send(attempt));
      answers.push(await logIn(page));
    });
    expect(answers.map(([status]) => status)).toEqual([...attempts.map(([status]) => status), 200]);
    expect([code, stderr.includes('evil')]).toEqual([0, false]);
    expect(answers.map(([, page]) => page).join('')).not.toMatch(/s3cret|evil/);
  });

  it('accepts a single form, which must hold a Keystone token', async () => {
    const { cli, callback, origin, keystone } = await world();
    const pages: Promise<readonly [number, string]>[] = [];
    const result = await cli(['show', '1', '-f', 'json'], async () => {
      for (const body of ['token=s3cret-forged', `token=${token}`]) {
        pages.push(send({ url: callback, headers: { origin }, body }));
      }
      await Promise.all(pages);
    });
    expect([result.code, result.error()['code'], keystone.asked()]).toEqual([
      4,
      'auth.failed',
      ['GET /v3/auth/tokens'],
    ]);
    expect(result.stderr).not.toContain('s3cret');
    expect(
      (await Promise.allSettled(pages)).map(({ status, ...rest }) => [status, 'value' in rest && rest.value[0]])[0],
    ).toEqual(['fulfilled', 403]);
  });

  it('accepts origin null from a Keystone over https, as browsers send it', async () => {
    const { cli, callback } = await world({}, true);
    const headers = { origin: 'null', 'sec-fetch-dest': 'document' };
    const browse = (): Promise<unknown> => send({ url: callback, headers, body: `token=${token}` });
    expect((await cli(['show', '1'], browse)).code).toBe(0);
  });

  it('is given up on after five minutes', async () => {
    const { cli, callback } = await world();
    const clock = new ManualClock();
    const running = cli(['show', '1', '-f', 'json'], () => Promise.resolve(), { clock });
    await clock.waitForTimer(300_000);
    clock.advance(300_000);
    const result = await running;
    expect(result.code).toBe(4);
    expect(result.error()).toMatchObject({ code: 'auth.failed', message: 'no browser answered within 5 minutes' });
    await expect(send({ url: callback })).rejects.toThrow('ECONNREFUSED');
  });

  it('stops at Ctrl-C', async () => {
    const { cli, callback } = await world();
    const controller = new AbortController();
    const { code } = await cli(['show', '1'], async () => controller.abort(new Interrupted('SIGINT')), {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    await expect(send({ url: callback })).rejects.toThrow('ECONNREFUSED');
  });

  it('says that its port is in use, and which setting changes it', async () => {
    const { cli, port } = await world();
    const other = createServer();
    await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening));
    onTestFinished(() => void other.close());
    const result = await cli(['show', '1', '-f', 'json'], () => Promise.resolve());
    expect(result.code).toBe(8);
    expect(result.error()).toMatchObject({
      code: 'io.port',
      message: `port ${String(port)} of 127.0.0.1, where the browser is to answer, is in use`,
      hint: expect.stringContaining('OS_REDIRECT_PORT') as string,
    });
  });

  it.each([
    ['without a terminal', () => ({ stderrColumns: undefined }), []],
    ['with CI set', (env: object) => ({ env: { ...env, CI: 'true' } }), []],
    ['with --no-input', () => ({}), ['--no-input']],
  ] as const)('is not attempted %s', async (_when, more, argv) => {
    const { cli, env, pages } = await world();
    const result = await cli(['show', '1', '-f', 'json', ...argv], () => Promise.resolve(), more(env));
    expect([result.code, pages.length]).toEqual([4, 0]);
    expect(result.error()).toMatchObject({
      code: 'auth.missing',
      hint: expect.stringContaining('--os-auth-type says that somebody is there') as string,
    });
  });

  it('shows its address even with --quiet, since it is needed', async () => {
    const { cli, logIn } = await world();
    const { code, stderr } = await cli(['show', '1', '--quiet'], logIn);
    expect([code, stderr.includes('log in with the browser that opens')]).toEqual([0, true]);
  });

  it('works without a terminal if --os-auth-type says so', async () => {
    const { cli, logIn } = await world();
    const argv = ['show', '1', '--os-auth-type', 'v3websso'];
    expect((await cli(argv, logIn, { stderrColumns: undefined } as unknown as CliOptions)).code).toBe(0);
  });

  it.each([
    ['OS_REDIRECT_PORT', 'http'],
    ['OS_REDIRECT_PORT', '0'],
    ['OS_REDIRECT_PORT', '65536'],
    ['OS_REDIRECT_PATH', 'auth/'],
    ['OS_REDIRECT_PATH', '//evil.example/'],
    ['OS_REDIRECT_PATH', '/a/../b'],
    ['OS_REDIRECT_PATH', '/a?b'],
  ])('does not offer %s of %j', async (variable, value) => {
    const { cli, pages } = await world({ [variable]: value });
    const result = await cli(['show', '1', '-f', 'json'], () => Promise.resolve());
    expect([result.code, result.error()['code'], pages.length]).toEqual([2, 'config.invalid', 0]);
  });

  it('answers at another path where one is configured', async () => {
    const { cli, logIn, pages } = await world({ OS_REDIRECT_PATH: '/cb', OS_IDENTITY_PROVIDER: '' });
    expect((await cli(['show', '1'], logIn)).code).toBe(0);
    expect(pages[0]?.pathname).toBe('/v3/auth/OS-FEDERATION/websso/openid');
    expect(pages[0]?.searchParams.get('origin')).toMatch(/^http:\/\/localhost:\d+\/cb$/);
  });

  it('passes only addresses to the desktop', async () => {
    const hostile = '$(touch x)`id`;"\'|&<>^!*\\ \n%PATH% --flag';
    const { cli, logIn, pages } = await world({ OS_IDENTITY_PROVIDER: hostile, OS_PROTOCOL: hostile });
    expect((await cli(['show', '1'], logIn)).code).toBe(0);
    expect(pages[0]?.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w.~:/?=%[\]-]+$/);
    expect(decodeURIComponent(pages[0]?.href ?? '')).toContain(`/protocols/${hostile}/websso`);
  });
});

describe('a program', () => {
  it('can show the page itself', async () => {
    const { env, logIn } = await world();
    const notes: string[] = [];
    const client = await GlanceClient.connect({
      env,
      onLoginPage: (page) => {
        logIn(page).catch(() => undefined);
        return false;
      },
      onNote: (note) => notes.push(note),
    });
    onTestFinished(() => client.close());
    expect((await client.find('1')).name).toBe('one');
    expect(notes).toEqual([
      expect.stringMatching(
        /^to log in, open this in a browser on this machine \(over ssh: with -L (\d+):localhost:\1\): http:/,
      ),
      expect.stringMatching(/ as ada$/),
    ]);
  });

  it('that does not show the page is told how to', async () => {
    const { env } = await world();
    const client = await GlanceClient.connect({ env });
    onTestFinished(() => client.close());
    const failure = { code: 'auth.missing', facts: { hint: expect.stringContaining('`onLoginPage`') as string } };
    await expect(client.find('1')).rejects.toMatchObject(failure);
  });
});
