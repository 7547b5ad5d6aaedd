// The configured cloud of a run: whether there is one, and how to be somebody in it.
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { TlsSettings } from '../http/dispatcher.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Cloud } from '../identity/cloud.ts';
import { readTlsFiles, tlsChoiceOf } from '../identity/tls-files.ts';
import { readCloudFlags, secretFlags } from './cloud-options.ts';
import type { ClientHooks } from './connect.ts';
import type { AllOptions } from './options.ts';
import type { Runtime } from './runtime.ts';
import { authorityVariables, findSetting, readTextFile, readTls } from './settings.ts';

/** A vendor's profile is a few lines. */
const maxProfileBytes = 1024 * 1024;

/** Whether flags or variables point to a login rather than to a bare endpoint with or without a token. */
export function usesCloud(runtime: Runtime, options: AllOptions): boolean {
  const flags = readCloudFlags(options);
  const variables = ['OS_CLOUD', 'OS_AUTH_URL', 'OS_AUTH_TYPE'];
  return (
    ['cloud', 'auth_url', 'auth_type'].some((name) => flags.has(name)) ||
    findSetting(runtime, [], variables) !== undefined
  );
}

/** Tells of secrets among the options. */
export function warnOfSecrets(options: AllOptions, warn: (message: string) => void): void {
  const flags = secretFlags(options);
  if (flags.length === 0) return;
  warn(
    `${flags.join(', ')} on the command line: every user of this machine can read it; use clouds.yaml or a variable`,
  );
}

/**
 * Reads the configuration of the cloud.
 * @param fetchJson for profiles that are URLs
 * @returns null if none is configured
 * @throws GlanceError `config.*`, `cloud.*`
 */
export async function loadConfiguredCloud(
  runtime: Runtime,
  options: AllOptions,
  fetchJson: (url: URL) => Promise<unknown>,
  warn: (message: string) => void,
): Promise<Cloud | null> {
  const { loadCloud } = await import('../identity/load-cloud.ts');
  const flags = new Map(readCloudFlags(options));
  for (const [flag, value] of [
    ['cacert', options.osCacert],
    ['cert', options.osCert],
    ['key', options.osKey],
    ['insecure', options.insecure === true ? 'true' : undefined],
  ] as const) {
    if (value !== undefined) flags.set(flag, value);
  }
  const { env, cwd, platform, homedir, uid, signal } = runtime;
  const cloud = await loadCloud({
    env,
    flags,
    cwd,
    platform,
    homedir,
    uid,
    signal,
    mergeAll: options.compat !== undefined,
    fetchJson,
  });
  for (const warning of cloud?.warnings ?? []) warn(warning);
  return cloud;
}

/** A vendor's profile, fetched before the cloud's own TLS settings are known, by a client of its own. @throws what requests throw */
export async function fetchProfile(
  runtime: Runtime,
  options: AllOptions,
  hooks: ClientHooks,
  url: URL,
): Promise<unknown> {
  const { createClient } = await import('./connect.ts');
  const tls = await readTls(runtime, options);
  const { client, close } = await createClient(runtime, options, { tls, timeoutMs: null }, hooks);
  try {
    const { signal } = runtime;
    const request = {
      method: 'GET',
      url,
      accept: 'application/json',
      token: null,
      purpose: 'metadata',
      signal,
    } as const;
    return (await client.json(request, maxProfileBytes)).value;
  } finally {
    await close();
  }
}

/** The TLS settings of a cloud. @throws GlanceError `config.invalid` for an option's file that cannot be used */
export async function cloudTls(runtime: Runtime, cloud: Cloud): Promise<TlsSettings> {
  const choice = tlsChoiceOf(cloud);
  const common = findSetting(runtime, [], authorityVariables);
  const ca = choice.ca ?? (common === undefined ? null : { path: common.value, source: common.source });
  return await readTlsFiles({ ...choice, ca }, ({ source, path }) => readTextFile(runtime, source, path));
}

/** How to be somebody in that cloud, with what earlier runs kept unless that is switched off. */
export async function authenticatorFor(
  runtime: Runtime,
  options: AllOptions,
  cloud: Cloud,
  openClient: () => Promise<HttpClient>,
  mayLogIn: boolean,
): Promise<Authenticator> {
  const { TokenCache, tokenCacheDirectory } = await import('../identity/token-cache.ts');
  const directory = tokenCacheDirectory(runtime.env, runtime.homedir);
  const isOff = options['tokenCache'] === false || !cloud.cacheAuth || !cloud.verify;
  const cache = isOff ? null : new TokenCache({ directory, uid: runtime.uid, now: () => runtime.clock.wallTime() });
  // Goes on in another thread while the modules of the client are loaded.
  cache?.prepare(cloud);
  const client = await openClient();
  const { createAuthenticator } = await import('../identity/authenticator.ts');
  return createAuthenticator(client, cloud, cache, runtime.signal, mayLogIn);
}

/** Where a cloud's token came from, where it is given and not got by a login; null where it is not. */
export function givenTokenSource(cloud: Cloud): string | null {
  return cloud.auth.has('token') ? (cloud.sources.get('auth.token') ?? `cloud ${cloud.name}`) : null;
}

/** Nothing is configured. */
export function nothingConfigured(): GlanceError {
  return new GlanceError('config.missing', 'no cloud and no endpoint is configured', {
    hint: 'set OS_CLOUD for a cloud of clouds.yaml, source an openrc file, or give --endpoint URL',
  });
}
