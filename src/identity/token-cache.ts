// Keeps tokens and endpoints between runs, so that a command need not log in. Never keeps a password or secret. There
// is one file for each scope of an identity (who logs in where), so that concurrent runs need no lock; 0600 in 0700.
import { scopeNames } from './config/names.ts';
import { createHash, scrypt, type ScryptOptions } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { CatalogEndpoint } from './service-catalog.ts';
import type { Cloud } from './config/cloud.ts';
import { at, textAt } from './answer-fields.ts';
import { parseCatalog } from './service-catalog.ts';
import type { Login } from './tokens.ts';
import { programDirectory, readPrivate, removePrivate, writePrivate } from './private-file.ts';

/** A token this close to its expiry is not used. */
const marginMs = 60_000;
/** What distinguishes one identity from another, apart from secrets. */
const identityKeys = [
  'auth_url',
  'username',
  'user_id',
  'user_domain_id',
  'user_domain_name',
  'application_credential_id',
  'application_credential_name',
  'identity_provider',
  'protocol',
  'client_id',
  'oauth2_endpoint',
  'oauth2_client_id',
] as const;
/** Not the passcode, which differs each time. */
const secretKeys = [
  'password',
  'application_credential_secret',
  'client_secret',
  'oauth2_client_secret',
  'token',
  'access_token',
] as const;
/** Makes the hash take some ten milliseconds. */
const scryptCost = 4096;

/** What is kept for a scope. */
export interface CachedLogin extends Login {
  /** Where the image API was found, by the endpoint that was queried: a configured one, or that of the catalog. */
  readonly apis: ReadonlyMap<string, { readonly version: 1 | 2; readonly base: string }>;
}

interface TokenCacheOptions {
  /** Absolute. */
  readonly directory: string;
  /** Our user id; null if the system has none. Files of other users are not read. */
  readonly uid: number | null;
  /** Wall time in milliseconds. */
  readonly now: () => number;
}

export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #paths = new WeakMap<Cloud, Promise<string>>();

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  /** Starts to compute, in another thread, where this cloud's login is kept. The hash is slow on purpose. */
  prepare(cloud: Cloud): void {
    this.#path(cloud).catch(() => undefined);
  }

  /** What is kept for this cloud; null if it has expired or anything about the file is odd. */
  async find(cloud: Cloud): Promise<CachedLogin | null> {
    const entry = readPrivate(await this.#path(cloud), this.#options.uid);
    const token = textAt(entry, 'token');
    const expiresAtMs = at(entry, 'expires_at_ms');
    if (token === undefined || typeof expiresAtMs !== 'number' || expiresAtMs - marginMs <= this.#options.now())
      return null;
    return {
      token,
      expiresAtMs,
      catalog: parseCatalog(at(entry, 'catalog')),
      projectId: textAt(entry, 'project_id') ?? null,
      userName: textAt(entry, 'user_name') ?? null,
      bearer: textAt(entry, 'bearer') ?? null,
      apis: readApis(entry),
    };
  }

  /** Keeps a login, unless it has no expiry. Failures to write are ignored: the next run logs in again. */
  async keep(cloud: Cloud, login: Login, apis: CachedLogin['apis']): Promise<void> {
    if (login.expiresAtMs === null) return;
    await writePrivate(await this.#path(cloud), this.#options.uid, {
      schema: 1,
      token: login.token,
      expires_at_ms: login.expiresAtMs,
      project_id: login.projectId,
      user_name: login.userName,
      bearer: login.bearer,
      catalog: writeCatalog(login.catalog.filter(({ serviceType }) => serviceType === cloud.imageServiceType)),
      apis: Object.fromEntries(apis),
    });
  }

  /** Forgets what is kept for this cloud. */
  async drop(cloud: Cloud): Promise<void> {
    const path = await this.#path(cloud);
    await removePrivate(dirname(path), (name) => name === basename(path)).catch(() => undefined);
  }

  /** Forgets everything. @returns the number of logins forgotten */
  async clear(): Promise<number> {
    const names = /^[0-9a-f]{32}-[0-9a-f]{32}\.json(?:\.[0-9a-f]+\.tmp)?$/;
    const ours = await removePrivate(this.#options.directory, (name) => names.test(name));
    return ours.filter((name) => name.endsWith('.json')).length;
  }

  #path(cloud: Cloud): Promise<string> {
    const known = this.#paths.get(cloud);
    if (known !== undefined) return known;
    const { directory } = this.#options;
    const path = identityOf(cloud).then((identity) => join(directory, `${identity}-${hash(cloud, scopeNames)}.json`));
    this.#paths.set(cloud, path);
    return path;
  }
}

/** Does not use promisify(), with which Node 26 loads its threads. */
function slowHash(secret: string, salt: string, bytes: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, bytes, options, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });
}

/**
 * The name of an identity. A wrong password must not find the token that the right one got, so secrets are part of it,
 * in a hash that is slow to guess.
 */
async function identityOf(cloud: Cloud): Promise<string> {
  const who = hash(cloud, identityKeys, cloud.authType);
  const secret = secretKeys.map((key) => cloud.auth.get(key) ?? '').join('\0');
  return (await slowHash(secret, who, 16, { N: scryptCost })).toString('hex');
}

function hash(cloud: Cloud, keys: readonly string[], extra = ''): string {
  const parts = keys.map((key) => [key, cloud.auth.get(key) ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([extra, parts]))
    .digest('hex')
    .slice(0, 32);
}

/** Writes endpoints in Keystone's own form, so that one parser reads both. */
function writeCatalog(endpoints: readonly CatalogEndpoint[]): unknown {
  return endpoints.map(({ serviceType, serviceName, interface: kind, region, url }) => ({
    type: serviceType,
    name: serviceName,
    endpoints: [{ interface: kind, region_id: region, url }],
  }));
}

function readApis(entry: unknown): CachedLogin['apis'] {
  const apis = at(entry, 'apis');
  const found = new Map<string, { version: 1 | 2; base: string }>();
  for (const [endpoint, api] of Object.entries(typeof apis === 'object' && apis !== null ? apis : {})) {
    const version = at(api, 'version');
    const base = textAt(api, 'base');
    if ((version === 1 || version === 2) && base !== undefined && URL.canParse(base))
      found.set(endpoint, { version, base });
  }
  return found;
}

/** Where everything is kept between runs: `$XDG_CACHE_HOME/glance-cli`, or `.cache` in the home directory. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>, homedir: string): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base.startsWith('/') ? base : join(homedir, '.cache'), programDirectory);
}

/** Where tokens are kept. */
export function tokenCacheDirectory(env: Readonly<Record<string, string | undefined>>, homedir: string): string {
  return join(cacheDirectory(env, homedir), 'tokens');
}
