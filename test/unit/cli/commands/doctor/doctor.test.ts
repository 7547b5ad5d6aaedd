// `doctor`: what it says about servers as they are.
import { describe, expect, it } from 'vitest';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { scriptedKeystone } from '../../../../support/servers/keystone.ts';
import { answer, rawServer, type Respond } from '../../../../support/servers/raw-server.ts';
import { type CliOptions, type CliResult, eagerClock, runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

describe('doctor on a server that is no Glance', () => {
  const page =
    (status: string): Respond =>
    ({ method }, socket) => {
      const headers = 'Date: Thu, 01 Jan 2026 00:00:30 GMT\r\nContent-Type: text/html\r\nContent-Length: 17';
      socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${method === 'HEAD' ? '' : '<html>none</html>'}`);
    };
  const examine = async (status: string, options: CliOptions = {}): Promise<CliResult> => {
    const { url } = await rawServer(page(status));
    const clock = { ...eagerClock, wallTime: () => Date.parse('2026-01-01T00:00:00Z') };
    return await runCli(['--endpoint', url.href, '--retries', '0', 'doctor', '--error-format', 'json'], {
      clock,
      ...options,
    });
  };

  it.each(['200 OK', '404 Not Found'])('says what it saw and how wrong its clock is: %s', async (status) => {
    const { stdout, code } = await examine(status);
    expect(stdout).toMatch(/^endpoint +ok +http:.* \(taken for Images API v1\)$/m);
    expect(stdout).toMatch(/^versions +warning +no list of versions: .*html/m);
    expect(stdout).toMatch(/^clock +ok +30 s between this machine and the server$/m);
    expect(code).toBe(7);
  });

  it('fits in 80 columns without cutting anything', async () => {
    const whole = await examine('404 Not Found');
    const narrow = await examine('404 Not Found', { stdoutColumns: 80, env: { NO_COLOR: '1' } });
    for (const line of narrow.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const squeezed = (text: string): string => text.replace(/:\d+/g, '').replace(/\s+/g, '');
    expect(squeezed(narrow.stdout)).toBe(squeezed(whole.stdout));
  });

  it('has complete hints, none of which suggests doctor', async () => {
    const { url } = await rawServer(page('404 Not Found'));
    const env = { OS_AUTH_URL: url.href, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'p' };
    const result = await runCli(['doctor', '--error-format', 'json'], { env, homedir: await tempDir() });
    expect(result.error()['hint']).toBe('is auth_url (OS_AUTH_URL) of cloud envvars right?');
  });
});

describe('doctor says what to do first', () => {
  const login = { OS_USERNAME: 'u', OS_PASSWORD: 's3cret-password', OS_PROJECT_NAME: 'p' };
  const images = [makeEntry('data', { id: '1', name: 'one' })];

  /** A Keystone that accepts the login, with this Glance in region R1, unless told to refuse. */
  async function cloudOf(glanceUrl: URL, status = 201): Promise<Readonly<Record<string, string>>> {
    const endpoint = { interface: 'public', region_id: 'R1', url: glanceUrl.href };
    const token = {
      expires_at: '2999-01-01T00:00:00.000000Z',
      project: { id: 'p' },
      user: { name: 'u' },
      catalog: [{ type: 'image', endpoints: [endpoint] }],
    };
    const keystone = await scriptedKeystone(() => ({
      status,
      headers: { 'x-subject-token': 's3cret' },
      body: { token },
    }));
    return { ...login, OS_AUTH_URL: keystone.url };
  }

  /** The last row of a table, or the hint below an error; as JSON always the last finding. */
  async function nextOf(argv: readonly string[], options: CliOptions = {}): Promise<string> {
    const how = { homedir: await tempDir(), ...options };
    const [table, json] = [
      await runCli([...argv, 'doctor'], how),
      await runCli([...argv, 'doctor', '-f', 'json'], how),
    ];
    const last = (JSON.parse(json.stdout) as { check: string; status: string; detail: string }[]).at(-1);
    expect(last?.check).toBe('next');
    expect(json.stdout + table.stdout + table.stderr).not.toContain('s3cret');
    if (table.code === 0) expect(table.stdout).toMatch(/^next +(?:ok|warning) +\S.*\n$/m);
    else expect(table.stderr).toContain(`hint: ${last?.detail.split('\n', 1)[0] ?? ''}`);
    if (table.code !== 0) expect(table.stdout).not.toMatch(/^next/m);
    expect(last?.status === 'failed').toBe(table.code !== 0);
    return last?.detail ?? '';
  }

  it('if nothing is configured', async () => {
    expect(await nextOf([])).toMatch(/^say which in one of these ways:\n--os-cloud NAME/);
  });

  it('if half a login is configured', async () => {
    expect(await nextOf([], { env: { OS_AUTH_URL: 'http://127.0.0.1:1/v3' } })).toMatch(
      /^set OS_USERNAME and OS_PASSWORD/,
    );
  });

  it('if the password is wrong', async () => {
    const env = await cloudOf((await glance(images)).url, 401);
    expect(await nextOf([], { env })).toMatch(/^check the user, password, project and their domains/);
  });

  it('if the region is wrong', async () => {
    const env = { ...(await cloudOf((await glance(images)).url)), OS_REGION_NAME: 'R9' };
    expect(await nextOf([], { env })).toMatch(/^set OS_REGION_NAME, or region_name in clouds.yaml, to R1$/);
  });

  it('if nobody answers', async () => {
    expect(await nextOf(['--endpoint', 'http://127.0.0.1:1', '--retries', '0'])).toMatch(
      /^the address comes from --endpoint: is it right, and the service running\?$/,
    );
  });

  it('if a certificate is not trusted, or not checked', async () => {
    const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', '{"images": []}')), 'server');
    expect(await nextOf(['--endpoint', `${url.href}v2`])).toMatch(/--os-cacert/);
    expect(await nextOf(['--endpoint', `${url.href}v2`, '--insecure'])).toMatch(
      /^have certificates checked: .* --os-cacert FILE/,
    );
  });

  it('if a clock is wrong', async () => {
    const { url } = await glance(images);
    const clock = { ...eagerClock, wallTime: () => Date.parse('2030-01-01T00:00:00Z') };
    expect(await nextOf(['--endpoint', url.href], { clock })).toMatch(/^set the clock of this machine/);
  });

  it('if no image is visible', async () => {
    const { url } = await glance([]);
    expect(await nextOf(['--endpoint', url.href])).toMatch(
      new RegExp(`^see whether .* glance-cli --endpoint ${url.href} list --visibility all finds$`),
    );
  });

  it('if all is well, or nothing can be done', async () => {
    const { url } = await glance(images);
    expect(await nextOf(['--endpoint', url.href])).toBe(`all is well: glance-cli --endpoint ${url.href} list`);
    expect(await nextOf([], { env: await cloudOf(url) })).toBe('all is well: glance-cli list');
    expect(await nextOf(['--endpoint', `${url.href}v1`])).toBe(`all is well: glance-cli --endpoint ${url.href}v1 list`);
    const whole = await glance(images, [
      { on: { where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 416 } },
    ]);
    expect(await nextOf(['--endpoint', whole.url.href])).toMatch(/^all is well: /);
  });
});

it('doctor says once that a server cannot be reached', async () => {
  const argv = ['--endpoint', 'http://127.0.0.1:1/v2', '--retries', '0', 'doctor', '-f', 'json'];
  const { stdout, code } = await runCli(argv);
  const failed = (JSON.parse(stdout) as { check: string; status: string }[]).filter(
    ({ status }) => status === 'failed',
  );
  expect([code, failed.map(({ check }) => check)]).toEqual([5, ['versions', 'next']]);
});

it('doctor prints no password from an address', async () => {
  const server = await glance([makeEntry('x', { id: '1' })], []);
  const address = server.url.href.replace('//', '//bob:s3cretpw@');
  for (const format of ['table', 'json']) {
    const { stdout, stderr } = await runCli(['--endpoint', address, 'doctor', '-f', format]);
    expect(stdout + stderr).toMatch(/--endpoint URL list/);
    expect(stdout + stderr).not.toContain('s3cretpw');
  }
  const env = {
    OS_AUTH_URL: 'http://bob:s3cretpw@127.0.0.1:1/v3',
    OS_USERNAME: 'u',
    OS_PASSWORD: 'p',
    OS_PROJECT_NAME: 'p',
  };
  const { stdout, stderr } = await runCli(['doctor', '--retries', '0'], { env });
  expect(stdout).toMatch(/^setting auth\.auth_url +ok +http:\/\/redacted@127/m);
  expect(stdout + stderr).not.toContain('s3cretpw');
});
