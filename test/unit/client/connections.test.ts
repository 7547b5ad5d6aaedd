// The same connections by a program that uses the library and by a command: what servers are asked, what the result is, and
// what is warned of. Both take the same path, and this makes sure of it.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withOptions } from '../../../src/cli/console/option-names.ts';
import { type ConnectOptions, GlanceClient, GlanceError, type System } from '../../../src/index.ts';
import { jsonServer, versionList } from '../../support/servers/json-server.ts';
import { answer, type RawRequest, type RawServer, rawServer, type Respond } from '../../support/servers/raw-server.ts';
import { eagerClock, runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const id = '11111111-1111-4111-8111-111111111111';
const sha256 = 'ab'.repeat(32);
const image = {
  id,
  name: 'cirros',
  status: 'active',
  visibility: 'shared',
  size: 4,
  os_hash_algo: 'sha256',
  os_hash_value: sha256,
};
const authority = fileURLToPath(new URL('../../fixtures/tls/ca.pem', import.meta.url));
const anotherAuthority = fileURLToPath(new URL('../../fixtures/tls/other-name.pem', import.meta.url));
const secret = 's3cret-token';
/** Nobody listens there. */
const dead = 'http://127.0.0.1:1';

/** What both the library and the command are given. */
interface Given {
  readonly env?: Record<string, string>;
  /** Options of the library, and the same as arguments of the command. */
  readonly options?: Partial<ConnectOptions>;
  readonly argv?: readonly string[];
  /** Absent: the image's id. */
  readonly query?: string;
  /** The text of `clouds.yaml`. */
  readonly clouds?: string;
}

/** The result. */
interface Outcome {
  /** The image's name, or the error. */
  readonly result: string | { readonly code: unknown; readonly message: unknown; readonly hint: unknown };
  readonly warnings: readonly string[];
  readonly asked: readonly (readonly string[])[];
}

interface Case {
  readonly servers: readonly RawServer[];
  readonly given: Given;
}

/** A Glance v2 with one image, which accepts any token but those that have expired. */
async function startGlance(): Promise<RawServer> {
  return await rawServer(respond);
}

const respond: Respond = ({ target, headers }, socket) => {
  const { pathname } = new URL(target, 'http://server');
  const isRefused = headers.get('x-auth-token')?.endsWith('expired') === true;
  const known: Record<string, unknown> = {
    '/': versionList('v2.9').body,
    '/v2/images': { images: [image] },
    [`/v2/images/${id}`]: image,
  };
  const body = isRefused ? undefined : known[pathname];
  const status = isRefused ? '401 Unauthorized' : body === undefined ? '404 Not Found' : '200 OK';
  socket.write(answer(status, JSON.stringify(body ?? {}), 'Content-Type: application/json'));
};

/** A Keystone with these Glances in its catalog, each in its own region, which issues the given tokens. */
async function startKeystone(glances: readonly URL[], token = secret): Promise<RawServer> {
  const endpoints = glances.map(({ href: url }, index) => ({
    interface: 'public',
    region_id: `R${String(index)}`,
    url,
  }));
  return await jsonServer(() => ({
    status: '201 Created',
    headers: [`X-Subject-Token: ${token}`],
    body: { token: { expires_at: '2999-01-01T00:00:00Z', catalog: [{ type: 'image', endpoints }] } },
  }));
}

const login = (auth_url: string): string =>
  `auth: {auth_url: "${auth_url}", username: u, password: s3cret-password, project_name: p, ` +
  'user_domain_name: D, project_domain_name: D}';

const cases = {
  'an endpoint with a token': async () => {
    const server = await startGlance();
    const endpoint = server.url.href;
    const given = { options: { endpoint, token: secret }, argv: ['--endpoint', endpoint, '--os-token', secret] };
    return { servers: [server], given };
  },
  'an endpoint and a token of the environment': async () => {
    const server = await startGlance();
    return { servers: [server], given: { env: { OS_IMAGE_URL: `${server.url.href}v2`, OS_TOKEN: secret } } };
  },
  'a token in a file': async () => {
    const server = await startGlance();
    const [endpoint, tokenFile] = [server.url.href, join(await tempDir(), 'token')];
    await writeFile(tokenFile, `${secret}\n`);
    const argv = ['--endpoint', endpoint, '--token-file', tokenFile];
    return { servers: [server], given: { options: { endpoint, tokenFile }, argv } };
  },
  'a token that has expired': async () => {
    const server = await startGlance();
    const env = { OS_IMAGE_URL: server.url.href, OS_TOKEN: 's3cret-expired' };
    return { servers: [server], given: { env } };
  },
  'an endpoint that nobody answers at': () =>
    Promise.resolve({ servers: [], given: { env: { OS_IMAGE_ENDPOINT_OVERRIDE: dead } } }),
  'an endpoint that is not a URL': () =>
    Promise.resolve({ servers: [], given: { env: { OS_IMAGE_URL: 'glance:9292' } } }),
  'an API that does not exist': async () => {
    const server = await startGlance();
    return { servers: [server], given: { env: { OS_IMAGE_URL: server.url.href, OS_IMAGE_API_VERSION: '1' } } };
  },
  'a cloud of clouds.yaml': async () => {
    const server = await startGlance();
    const keystone = await startKeystone([server.url]);
    const clouds = `clouds: {c: {${login(`${keystone.url.href}v3`)}}}`;
    return { servers: [server, keystone], given: { clouds, options: { cloud: 'c' }, argv: ['--os-cloud', 'c'] } };
  },
  'a cloud whose tokens are refused': async () => {
    const server = await startGlance();
    const keystone = await startKeystone([server.url], 's3cret-expired');
    const clouds = `clouds: {c: {${login(`${keystone.url.href}v3`)}}}`;
    return { servers: [server, keystone], given: { clouds, env: { OS_CLOUD: 'c' } } };
  },
  'a cloud with several regions, one of which is chosen': async () => {
    const [one, two] = [await startGlance(), await startGlance()];
    const keystone = await startKeystone([one.url, two.url]);
    const clouds = `clouds: {c: {${login(`${keystone.url.href}v3`)}}}`;
    return {
      servers: [one, two, keystone],
      given: { clouds, env: { OS_CLOUD: 'c', OS_REGION_NAME: 'R1' } },
    };
  },
  'a cloud with several regions': async () => {
    const server = await startGlance();
    const keystone = await startKeystone([server.url, server.url]);
    const clouds = `clouds: {c: {${login(`${keystone.url.href}v3`)}}}`;
    return { servers: [server, keystone], given: { clouds, env: { OS_CLOUD: 'c' } } };
  },
  'a cloud that does not exist': () =>
    Promise.resolve({
      servers: [],
      given: { clouds: `clouds: {c: {${login(dead)}}}`, env: { OS_CLOUD: 'd' } },
    }),
  'a cloud whose Keystone nobody answers at': () =>
    Promise.resolve({
      servers: [],
      given: { clouds: `clouds: {c: {${login(`${dead}/v3`)}}}`, env: { OS_CLOUD: 'c' } },
    }),
  'a cloud that lacks a password': () =>
    Promise.resolve({
      servers: [],
      given: { clouds: `clouds: {c: {auth: {auth_url: "${dead}/v3", username: u}}}`, env: { OS_CLOUD: 'c' } },
    }),
  'an openrc file': async () => {
    const server = await startGlance();
    const keystone = await startKeystone([server.url]);
    const env = {
      OS_AUTH_URL: `${keystone.url.href}v3`,
      OS_USERNAME: 'u',
      OS_PASSWORD: 's3cret-password',
      OS_PROJECT_NAME: 'p',
    };
    return { servers: [server, keystone], given: { env } };
  },
  'nothing at all': () => Promise.resolve({ servers: [], given: {} }),
  'a broken clouds.yaml': () =>
    Promise.resolve({ servers: [], given: { clouds: 'clouds: [', env: { OS_CLOUD: 'c' } } }),
  'a cloud with api_timeout, and a Glance that says nothing': async () => {
    const server = await rawServer(() => undefined);
    const clouds = `clouds: {c: {auth_type: none, api_timeout: 0.05, endpoint: "${server.url.href}v2"}}`;
    return { servers: [server], given: { clouds, env: { OS_CLOUD: 'c' } } };
  },
  'an authority by OS_CACERT': () => overTls('server', { OS_CACERT: authority }),
  'an authority by REQUESTS_CA_BUNDLE': () => overTls('server', { REQUESTS_CA_BUNDLE: authority }),
  'an authority by SSL_CERT_FILE': () => overTls('server', { SSL_CERT_FILE: authority }),
  'an authority that did not issue the certificate': () => overTls('server', { OS_CACERT: anotherAuthority }),
  'an authority in a missing file': () => overTls('server', { OS_CACERT: '/nowhere/ca.pem' }),
  'no authority at all': () => overTls('server', {}),
  'a certificate that has expired': () => overTls('expired', { OS_CACERT: authority }),
  'a certificate for another name': () => overTls('other-name', { OS_CACERT: authority }),
  'certificates that are not checked': () => overTls('server', { OS_INSECURE: 'true' }),
  'a name that is pinned': () => asking(`cirros@sha256:${sha256}`),
  'a name that is pinned to other data': () => asking(`cirros@sha256:${'cd'.repeat(32)}`),
  'a name that no image has': () => asking('cirrus'),
  'a URI of the configured Glance': async () => {
    const server = await startGlance();
    const env = { OS_IMAGE_URL: server.url.href, OS_TOKEN: secret };
    return { servers: [server], given: { env, query: `${server.url.href}v2/images/${id}` } };
  },
  'a URI of another Glance, where no token may go': async () => {
    const [server, other] = [await startGlance(), await startGlance()];
    const env = { OS_IMAGE_URL: server.url.href, OS_TOKEN: secret };
    return { servers: [server, other], given: { env, query: `${other.url.href}v2/images/${id}` } };
  },
  'a proxy that nobody answers at': async () => {
    const server = await startGlance();
    return { servers: [server], given: { env: { OS_IMAGE_URL: server.url.href, http_proxy: dead } } };
  },
} satisfies Readonly<Record<string, () => Promise<Case>>>;

/** The result of each: the image's name, or the code of the error. */
const outcomes: Readonly<Record<keyof typeof cases, string>> = {
  'an endpoint with a token': 'cirros',
  'an endpoint and a token of the environment': 'cirros',
  'a token in a file': 'cirros',
  'a token that has expired': 'auth.required',
  'an endpoint that nobody answers at': 'net.refused',
  'an endpoint that is not a URL': 'config.invalid',
  'an API that does not exist': 'http.status',
  'a cloud of clouds.yaml': 'cirros',
  'a cloud whose tokens are refused': 'auth.required',
  'a cloud with several regions, one of which is chosen': 'cirros',
  'a cloud with several regions': 'cloud.region',
  'a cloud that does not exist': 'cloud.not_found',
  'a cloud whose Keystone nobody answers at': 'net.refused',
  'a cloud that lacks a password': 'auth.missing',
  'an openrc file': 'cirros',
  'nothing at all': 'config.missing',
  'a broken clouds.yaml': 'config.invalid',
  'a cloud with api_timeout, and a Glance that says nothing': 'net.timeout.headers',
  'an authority by OS_CACERT': 'cirros',
  'an authority by REQUESTS_CA_BUNDLE': 'cirros',
  'an authority by SSL_CERT_FILE': 'cirros',
  'an authority that did not issue the certificate': 'tls.untrusted',
  'an authority in a missing file': 'config.invalid',
  'no authority at all': 'tls.untrusted',
  'a certificate that has expired': 'tls.expired',
  'a certificate for another name': 'tls.name',
  'certificates that are not checked': 'cirros',
  'a name that is pinned': 'cirros',
  'a name that is pinned to other data': 'integrity.pin',
  'a name that no image has': 'image.not_found',
  'a URI of the configured Glance': 'cirros',
  'a URI of another Glance, where no token may go': 'cirros',
  'a proxy that nobody answers at': 'proxy.refused',
};

async function overTls(certificate: Parameters<typeof rawServer>[1], env: Record<string, string>): Promise<Case> {
  const server = await rawServer(respond, certificate);
  return { servers: [server], given: { env: { ...env, OS_IMAGE_URL: `${server.url.href}v2` } } };
}

async function asking(query: string): Promise<Case> {
  const server = await startGlance();
  return { servers: [server], given: { env: { OS_IMAGE_URL: server.url.href }, query } };
}

async function makeHome({ clouds }: Given): Promise<string> {
  const home = await tempDir();
  await mkdir(join(home, '.config/openstack'), { recursive: true });
  if (clouds !== undefined) await writeFile(join(home, '.config/openstack/clouds.yaml'), clouds, { mode: 0o600 });
  return home;
}

/** What the servers were asked during the work, each request with all of its headers. */
async function watch(servers: readonly RawServer[], work: () => Promise<void>): Promise<Outcome['asked']> {
  const before = servers.map(({ requests }) => requests.length);
  await work();
  return servers.map(({ requests }, index) => requests.slice(before[index]).map(describeRequest));
}

function describeRequest({ method, target, headers }: RawRequest): string {
  return JSON.stringify([method, target, Object.fromEntries(headers)]);
}

/** By the library only. */
async function byLibrary({ servers, given }: Case, home: string, tokenCache = false): Promise<Outcome> {
  const warnings: string[] = [];
  const system: System = {
    env: given.env ?? {},
    cwd: home,
    homedir: home,
    umask: 0o022,
    platform: 'linux',
    uid: process.getuid?.() ?? null,
    pid: process.pid,
    isRunning: () => true,
    tmpdir: tmpdir(),
    clock: eagerClock,
  };
  let result: Outcome['result'] = '';
  const onWarning = (message: string): void => void warnings.push(message);
  const asked = await watch(servers, async () => {
    try {
      const client = await GlanceClient.connect({ ...given.options, system, retries: 0, onWarning, tokenCache });
      try {
        result = (await client.find(given.query ?? id)).name ?? '';
      } finally {
        await client.close();
      }
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
      const { code, message, facts } = error;
      result = {
        code,
        message,
        hint: facts.hint === undefined ? null : [facts.hint, ...(facts.steps ?? [])].join('\n'),
      };
    }
  });
  return { result, warnings, asked };
}

/** By `show`. */
async function byCommand({ servers, given }: Case, home: string, tokenCache = false): Promise<Outcome> {
  const { env = {}, argv = [], query = id } = given;
  let outcome: Pick<Outcome, 'result' | 'warnings'> = { result: '', warnings: [] };
  const asked = await watch(servers, async () => {
    const words = ['show', query, ...argv, '--retries', '0', '-f', 'json', ...(tokenCache ? [] : ['--no-token-cache'])];
    const run = await runCli(words, { env, cwd: home, homedir: home });
    const lines = run.stderr.split('\n').filter((line) => line.startsWith('warning: '));
    // A program has no command line that others could read.
    const warnings = lines
      .map((line) => line.slice('warning: '.length))
      .filter((line) => !line.startsWith('--os-token'));
    if (run.code === 0) outcome = { result: (JSON.parse(run.stdout) as { name: string }).name, warnings };
    else {
      const { code, message, hint } = run.error() as { code: string; message: string; hint: string | null };
      outcome = { result: { code, message, hint }, warnings };
    }
  });
  return { ...outcome, asked };
}

/** The outcome of a command, given that of the library: messages name options as the user types them. */
function toCommand({ result, warnings, asked }: Outcome): Outcome {
  const named = warnings.map((text) => withOptions(text.replace(/\bgive endpoint\b/, 'give --endpoint')));
  if (typeof result === 'string') return { result, warnings: named, asked };
  const hint = typeof result.hint === 'string' ? withOptions(result.hint) : result.hint;
  return { result: { ...result, hint }, warnings: named, asked };
}

describe('library and command', () => {
  it.each(Object.keys(cases) as (keyof typeof cases)[])('do the same with %s', async (name) => {
    const made: Case = await cases[name]();
    const home = await makeHome(made.given);
    const library = await byLibrary(made, home);
    expect(typeof library.result === 'string' ? library.result : library.result.code).toBe(outcomes[name]);
    const command = await byCommand(made, home);
    expect(command).toEqual(toCommand(library));
  });

  it('share kept tokens if a program asks for that', async () => {
    const made = await cases['a cloud of clouds.yaml']();
    const [, keystone] = made.servers;
    for (const [first, second] of [
      [byLibrary, byCommand],
      [byCommand, byLibrary],
    ] as const) {
      const home = await makeHome(made.given);
      const before = keystone?.requests.length ?? 0;
      expect((await first(made, home, true)).result).toBe('cirros');
      const again = await second(made, home, true);
      expect([again.result, keystone?.requests.length]).toEqual(['cirros', before + 1]);
    }
  });
});
