// The configured cloud of a connection: its settings from files, variables and options, and how to log in to it.
import { jsonRequest } from '../http/request.ts';
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Cloud } from '../identity/config/cloud.ts';
import { describeSearch } from '../identity/config/places.ts';
import { readTlsFiles, tlsChoiceOf } from '../identity/config/tls-files.ts';
import type { NamedOption } from './connect-options.ts';
import {
  authorityVariables,
  type Configured,
  describesCloud,
  findVariable,
  readEndpoint,
  readTextFile,
  readTls,
} from './settings.ts';

/** A vendor's profile is a few lines. */
const maxProfileBytes = 1024 * 1024;

/**
 * Reads the configuration of the cloud.
 * @returns null if only an endpoint is configured, or nothing
 * @throws GlanceError `config.*`, `cloud.*`; what fetching a profile fails with
 */
export async function findCloud(configured: Configured): Promise<Cloud | null> {
  const { options, system, signal } = configured;
  if (readEndpoint(configured) !== undefined && !describesCloud(configured)) return null;
  const { loadCloud } = await import('../identity/config/load-cloud.ts');
  const { env, cwd, platform, homedir, uid } = system;
  const cloud = await loadCloud({
    env,
    flags: flagsOf(configured),
    nameOf: (flag) => flagName(configured, flag),
    cwd,
    platform,
    homedir,
    uid,
    signal,
    mergeAll: options.mergesVariables === true,
    fetchJson: (url) => fetchProfile(configured, url),
  });
  for (const warning of cloud?.warnings ?? []) options.onWarning?.(warning);
  return cloud;
}

/** The given options, by their names in clouds.yaml. */
function flagsOf({ options }: Configured): ReadonlyMap<string, string> {
  const { settings, cloud, token, caFile, certFile, keyFile, insecure } = options;
  const given = { cloud, token, cacert: caFile, cert: certFile, key: keyFile, insecure: insecure ? 'true' : undefined };
  const named = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return new Map([...(settings ?? []), ...named]);
}

/** Options that have a name of their own in addition to that in clouds.yaml. */
const ownNames: ReadonlyMap<string, NamedOption> = new Map([
  ['token', 'token'],
  ['cacert', 'caFile'],
  ['cert', 'certFile'],
  ['key', 'keyFile'],
  ['insecure', 'insecure'],
]);

function flagName({ options }: Configured, flag: string): string {
  const own = ownNames.get(flag);
  if (own === undefined) return options.settingName?.(flag) ?? flag;
  return options.names?.[own] ?? own;
}

/** Fetches a vendor's profile, with a separate client, since the cloud's own TLS settings are not known yet. */
async function fetchProfile(configured: Configured, url: URL): Promise<unknown> {
  const { openClient } = await import('./http.ts');
  const { client, close } = openClient(configured, await readTls(configured), null);
  try {
    return (await client.json(jsonRequest('GET', url, configured.signal), maxProfileBytes)).value;
  } finally {
    await close();
  }
}

/**
 * The TLS settings of a cloud, or those that apply without one.
 * @throws GlanceError `config.invalid` for an option's file that cannot be used
 */
export async function cloudTls(configured: Configured, cloud: Cloud | null): Promise<TlsSettings> {
  if (cloud === null) return await readTls(configured);
  const { options, system } = configured;
  if (options.tls !== undefined) return options.tls;
  const given = [...flagsOf(configured).keys()].map((flag) => flagName(configured, flag));
  const choice = tlsChoiceOf(cloud, new Set(given));
  const common = findVariable(system, authorityVariables);
  const ca = choice.ca ?? (common === undefined ? null : { path: common.value, source: common.source });
  return await readTlsFiles({ ...choice, ca }, (file) => readTextFile(configured, file));
}

/** How to log in to the cloud, reusing tokens that earlier runs kept, if that is wanted. */
export async function authenticatorFor(
  { options, system, signal }: Configured,
  cloud: Cloud,
  openClient: () => Promise<HttpClient>,
): Promise<Authenticator> {
  const isKept = options.tokenCache === true && cloud.cacheAuth && cloud.verify;
  const { TokenCache, tokenCacheDirectory } = await import('../identity/token-cache.ts');
  const directory = tokenCacheDirectory(system.env, system.homedir);
  const cache = isKept ? new TokenCache({ directory, uid: system.uid, now: () => system.clock.wallTime() }) : null;
  // Runs in another thread while the client's modules load.
  cache?.prepare(cloud);
  const client = await openClient();
  const { createAuthenticator } = await import('../identity/authenticator.ts');
  const { mayLogIn = true, onLoginPage: showPage, onPasscode: askSecret } = options;
  return createAuthenticator(client, cloud, { cache, signal, mayLogIn, person: { showPage, askSecret } });
}

/** The origin of a cloud's token, if it was given and not obtained by a login; otherwise null. */
export function givenTokenSource(cloud: Cloud): string | null {
  return cloud.auth.has('token') ? (cloud.sources.get('auth.token') ?? `cloud ${cloud.name}`) : null;
}

/** The error if nothing is configured: what was looked for, and the three ways to configure a Glance. */
export function nothingConfigured({ system }: Pick<Configured, 'system'>): GlanceError {
  const { env, cwd, platform, homedir } = system;
  const useless = Object.keys(env).filter((name) => name.startsWith('OS_') && (env[name] ?? '').trim() !== '');
  const found =
    useless.length === 0 ? '' : `; the variables that are set do not say where Glance is: ${listOf(useless)}`;
  const text =
    'no cloud and no endpoint is configured: OS_CLOUD, OS_AUTH_URL, OS_IMAGE_ENDPOINT_OVERRIDE and OS_IMAGE_URL are not set, ' +
    `and none of these files has a cloud: ${describeSearch({ env, cwd, platform, homedir })}${found}`;
  return new GlanceError('config.missing', text, { hint: 'say which in one of these ways:', steps: waysToConfigure });
}

/** Maximum number of variables to name. */
const maxNamed = 10;

function listOf(names: readonly string[]): string {
  const rest = names.length > maxNamed ? ` and ${String(names.length - maxNamed)} more` : '';
  return names.slice(0, maxNamed).join(', ') + rest;
}

/** Two columns; options are aligned for the names that they have on a command line. */
const waysToConfigure = [
  '`cloud: NAME`               a cloud of ~/.config/openstack/clouds.yaml',
  'source openrc.sh              variables, in a file that the dashboard offers',
  '`endpoint: https://HOST:9292`  without a login, or with a token in OS_TOKEN',
  'glance-cli help connection    has an example of each',
];
