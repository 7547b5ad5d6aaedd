// What to send to Keystone v3 to prove who we are, and for which scope. Pure.
// See https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
import { isAbsolute } from 'node:path';
import { GlanceError } from '../errors.ts';
import { readHttpUrl } from '../http/text/url-text.ts';
import type { Cloud } from './config/cloud.ts';

/** An authentication method of Keystone's, with its part of the request. */
export interface AuthMethod {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The `scope` of a request. Undefined omits it: the token is unscoped, or the method itself decides. */
export type AuthScope = Readonly<Record<string, unknown>> | undefined;

/** Authentication types that need no Keystone. */
export const typesWithoutKeystone = ['none', 'http_basic', 'admin_token', 'token_endpoint'] as const;

/** Types that first get a token from an OpenID Connect provider. */
export const federatedTypes = [
  'v3oidcaccesstoken',
  'v3oidcclientcredentials',
  'v3oidcpassword',
  'v3oidcdeviceauthz',
] as const;

const methodsByType: ReadonlyMap<string, readonly string[]> = new Map([
  ['password', ['password']],
  ['v3password', ['password']],
  ['token', ['token']],
  ['v3token', ['token']],
  ['v3applicationcredential', ['application_credential']],
  ['v3totp', ['totp']],
  // Keystone's OAuth 2.0 clients are application credentials.
  ['v3oauth2clientcredential', ['application_credential']],
]);

const builders: Readonly<Record<string, (cloud: Cloud) => AuthMethod>> = {
  password: (cloud) => ({
    name: 'password',
    payload: { user: { ...userOf(cloud), password: need(cloud, 'password') } },
  }),
  totp: (cloud) => ({ name: 'totp', payload: { user: { ...userOf(cloud), passcode: need(cloud, 'passcode') } } }),
  token: (cloud) => ({ name: 'token', payload: { id: need(cloud, 'token') } }),
  application_credential: (cloud) => ({ name: 'application_credential', payload: applicationCredential(cloud) }),
};

/**
 * The configured names of the methods that the cloud's authentication type stands for.
 * @throws GlanceError `config.invalid` for a type that is not supported
 */
export function methodNames({ authType, authMethods: configured }: Cloud): readonly string[] {
  const names = authType === 'v3multifactor' ? configured : methodsByType.get(authType);
  if (names === undefined) throw unknownType(authType);
  if (names.length === 0) {
    throw new GlanceError('config.invalid', 'v3multifactor needs auth_methods', {
      hint: 'set auth_methods, or OS_AUTH_METHODS',
    });
  }
  return names;
}

/**
 * The methods that the cloud's authentication type stands for.
 * @throws GlanceError `config.invalid` for an unsupported type or method, `auth.missing` for a missing setting
 */
export function authMethods(cloud: Cloud): readonly AuthMethod[] {
  return methodNames(cloud).map((name) => buildMethod(cloud, name));
}

/** Keystone's name for a method, which may be configured under keystoneauth's type: `v3totp`. */
export function plainMethod(name: string): string {
  return name.replace(/^v3/, '').replace('applicationcredential', 'application_credential');
}

/**
 * One method by Keystone's name, or undefined if nothing is configured for it.
 * Used when Keystone asks for more than was sent.
 */
export function findMethod(cloud: Cloud, name: string): AuthMethod | undefined {
  try {
    return buildMethod(cloud, name);
  } catch (error) {
    if (error instanceof GlanceError) return undefined;
    throw error;
  }
}

function buildMethod(cloud: Cloud, name: string): AuthMethod {
  const plain = plainMethod(name);
  const build = Object.hasOwn(builders, plain) ? builders[plain] : undefined;
  if (build === undefined) throw unknownType(name);
  return build(cloud);
}

/** Why a type cannot be used, and what to do instead. */
function unknownType(type: string): GlanceError {
  return new GlanceError('config.invalid', `the authentication type "${type}" is not supported`, {
    hint: 'get a token with a tool that supports it (openstack token issue -f value -c id) and set OS_AUTH_TYPE=token and OS_TOKEN',
  });
}

function applicationCredential(cloud: Cloud): Record<string, unknown> {
  if (cloud.authType === 'v3oauth2clientcredential') {
    return { id: need(cloud, 'oauth2_client_id'), secret: need(cloud, 'oauth2_client_secret') };
  }
  const secret = need(cloud, 'application_credential_secret');
  const id = cloud.auth.get('application_credential_id');
  if (id !== undefined) return { id, secret };
  return { name: need(cloud, 'application_credential_name'), secret, user: userOf(cloud) };
}

function userOf(cloud: Cloud): Record<string, unknown> {
  const id = cloud.auth.get('user_id');
  if (id !== undefined) return { id };
  return { name: need(cloud, 'username'), domain: domainOf(cloud, 'user_domain') ?? { id: 'default' } };
}

function domainOf(cloud: Cloud, prefix: string): Record<string, string> | undefined {
  const id = cloud.auth.get(`${prefix}_id`);
  if (id !== undefined) return { id };
  const name = cloud.auth.get(`${prefix}_name`);
  return name === undefined ? undefined : { name };
}

/** Types whose credential has its own scope, and accepts no other. */
const scopedTypes: ReadonlySet<string> = new Set([
  'v3applicationcredential',
  'v3oauth2clientcredential',
  'v3oauth2mtlsclientcredential',
]);

/** The scope of the token: exactly one of trust, system, project, domain, or nothing. */
export function authScope(cloud: Cloud): AuthScope {
  const { auth } = cloud;
  if (scopedTypes.has(cloud.authType)) return undefined;
  const trust = auth.get('trust_id');
  if (trust !== undefined) return { 'OS-TRUST:trust': { id: trust } };
  if (auth.has('system_scope')) return { system: { all: true } };
  const projectId = auth.get('project_id');
  if (projectId !== undefined) return { project: { id: projectId } };
  const projectName = auth.get('project_name');
  if (projectName !== undefined) {
    return { project: { name: projectName, domain: domainOf(cloud, 'project_domain') ?? { id: 'default' } } };
  }
  const domain = domainOf(cloud, 'domain');
  return domain === undefined ? undefined : { domain };
}

/**
 * Reads an http or https URL from a setting of the cloud.
 * @param key as in {@link Cloud.sources}, such as `auth.auth_url`
 * @param example how it should be written
 * @throws GlanceError `config.invalid`, which names the source of the setting
 */
export function readAddress(cloud: Cloud, key: string, text: string, example: string): URL {
  const source = cloud.sources.get(key) ?? `cloud ${cloud.name}`;
  return readHttpUrl(text, `${key.replace(/^auth\./, '')} (from ${source})`, `write it as ${example}`);
}

function fileOf(cloud: Cloud): string | undefined {
  return [...cloud.sources.values()].find((source) => isAbsolute(source));
}

/** Where the settings of a cloud come from, in words: its name and file, or only the environment and the call. */
export function settingsOf(cloud: Cloud): string {
  const file = fileOf(cloud);
  return file === undefined ? 'the OS_ variables and options' : `cloud ${cloud.name} of ${file}`;
}

/**
 * A required setting.
 * @throws GlanceError `auth.missing`, naming the variable
 */
export function need(cloud: Cloud, name: string): string {
  const value = cloud.auth.get(name);
  if (value !== undefined) return value;
  const isCredential = [...cloud.auth.keys()].some((key) => key.startsWith('application_credential_'));
  const isOther = isCredential && cloud.authType !== 'v3applicationcredential';
  const missing = missingOf(cloud, name);
  const file = fileOf(cloud);
  throw new GlanceError(
    'auth.missing',
    `${settingsOf(cloud)} ${file === undefined ? 'have' : 'has'} no ${missing.join(' and no ')}, which the authentication type ${cloud.authType} needs`,
    {
      hint: isOther
        ? 'for the application credential that is set, set OS_AUTH_TYPE=v3applicationcredential, or auth_type in clouds.yaml'
        : `set ${missing.map((each) => `OS_${each.toUpperCase()}`).join(' and ')}, or ${missing.join(' and ')} under auth ` +
          `${file === undefined ? 'of a cloud in clouds.yaml' : `there or in a secure.yaml beside it`}${atTerminal(name)}`,
    },
  );
}

/** Everything else that is missing for a password login, so that the user learns of all missing settings at once. */
function missingOf({ auth, authType }: Cloud, name: string): readonly string[] {
  if (!/^(?:v[23])?password$/.test(authType)) return [name];
  const lacks = (each: string): boolean => !auth.has(each) && !(each === 'username' && auth.has('user_id'));
  return [...new Set([name, ...['auth_url', 'username', 'password'].filter(lacks)])];
}

function atTerminal(name: string): string {
  return name === 'passcode' ? '; at a terminal it is asked for' : '';
}
