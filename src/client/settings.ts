// The settings of a connection, each with its source. Options take precedence over variables; an empty variable counts
// as unset.
import { addAbortSignal, type Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import { readHttpUrl } from '../http/text/url-text.ts';
import { readTlsFiles, type TlsFile } from '../identity/config/tls-files.ts';
import type { ApiChoice } from '../image/discovery.ts';
import { expandPath } from '../local/places.ts';
import { maxPemBytes, readNamedFile, unreadable } from '../local/named-file.ts';
import type { ConnectOptions, NamedOption } from './connect-options.ts';
import type { System } from './system.ts';

/** A value and its source, for messages. */
export interface NamedValue {
  readonly value: string;
  /** `--endpoint`, `OS_IMAGE_URL` … */
  readonly source: string;
}

/** The variables in which other programs look for authorities. */
export const authorityVariables = ['REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'] as const;

/** A token is a single line; a longer text is some other kind of file. */
const maxTokenLength = 64 * 1024;

/** Everything from which settings are read. */
export interface Configured {
  readonly options: ConnectOptions;
  readonly system: System;
  /** Stops reading files and pipes. */
  readonly signal: AbortSignal;
}

/** The first of the variables that is set. */
export function findVariable({ env }: Pick<System, 'env'>, variables: readonly string[]): NamedValue | undefined {
  for (const source of variables) {
    const value = env[source]?.trim() ?? '';
    if (value !== '') return { value, source };
  }
  return undefined;
}

function findSetting(
  { options, system }: Configured,
  name: NamedOption,
  value: string | undefined,
  variables: readonly string[],
): NamedValue | undefined {
  const given = value?.trim() ?? '';
  if (given !== '') return { value: given, source: options.names?.[name] ?? name };
  return findVariable(system, variables);
}

/** Whether a login is described, rather than a bare endpoint with or without a token. */
export function describesCloud({ options, system }: Configured): boolean {
  const { cloud, settings } = options;
  const isGiven = (value: string | undefined): boolean => value !== undefined && value !== '';
  return (
    isGiven(cloud) ||
    ['auth_url', 'auth_type'].some((name) => isGiven(settings?.get(name))) ||
    findVariable(system, ['OS_CLOUD', 'OS_AUTH_URL', 'OS_AUTH_TYPE']) !== undefined
  );
}

/** The endpoint as given, and its source. */
export function findEndpoint(configured: Configured): NamedValue | undefined {
  const { endpoint } = configured.options;
  const given = endpoint === undefined ? undefined : String(endpoint);
  return findSetting(configured, 'endpoint', given, ['OS_IMAGE_ENDPOINT_OVERRIDE', 'OS_IMAGE_URL']);
}

/**
 * The endpoint.
 * @returns undefined if none is set
 * @throws GlanceError `config.invalid` if it is not an http or https URL
 */
export function readEndpoint(configured: Configured): URL | undefined {
  const setting = findEndpoint(configured);
  if (setting === undefined) return undefined;
  return readHttpUrl(setting.value, setting.source, 'write it as http://HOST:9292 or https://HOST/image');
}

/**
 * The requested API version.
 * @param ofCloud the value in clouds.yaml, if any
 * @throws GlanceError `config.invalid`
 */
export function readApiChoice(configured: Configured, ofCloud: string | null = null): ApiChoice {
  const { apiVersion } = configured.options;
  const given = apiVersion === undefined ? undefined : String(apiVersion);
  const setting = findSetting(configured, 'apiVersion', given, ['OS_IMAGE_API_VERSION']);
  const value = setting?.value ?? ofCloud ?? 'auto';
  const major = /^(?:v?([12])(?:\.\d+)?|auto)$/.exec(value);
  if (major === null) {
    const text = `${setting?.source ?? 'image_api_version'} is not a version of the Images API: "${value}"`;
    throw new GlanceError('config.invalid', text, { hint: 'use 1, 2 or auto' });
  }
  return major[1] === undefined ? 'auto' : major[1] === '1' ? 1 : 2;
}

/** The source from which {@link readToken} takes a token; null if there is none. */
export function findTokenSource(configured: Configured): string | null {
  const { tokenFile, names } = configured.options;
  if (tokenFile !== undefined) return `${names?.tokenFile ?? 'tokenFile'} ${tokenFile}`;
  return findToken(configured)?.source ?? null;
}

/** A token that is given as it is, under the names that OpenStack's clients use. */
function findToken(configured: Configured): NamedValue | undefined {
  return findSetting(configured, 'token', configured.options.token, ['OS_TOKEN', 'OS_AUTH_TOKEN']);
}

/**
 * The token, or null if none is set.
 * @throws GlanceError `config.invalid` if the file cannot be read or contains no token
 */
export async function readToken(configured: Configured): Promise<string | null> {
  const { tokenFile, stdin, names } = configured.options;
  if (tokenFile === undefined) {
    const setting = findToken(configured);
    return setting === undefined ? null : checkToken(setting.value, setting.source);
  }
  const source = names?.tokenFile ?? 'tokenFile';
  const content =
    tokenFile === '-' && stdin !== undefined
      ? await readStart(stdin, configured.signal)
      : await readTextFile(configured, { source, path: tokenFile }, maxTokenLength);
  return checkToken(content.trim(), `${source} ${tokenFile}`);
}

/** Reads at most what a token can have; a signal ends the wait. */
async function readStart(stream: Readable, signal: AbortSignal): Promise<string> {
  let content = '';
  for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer | string>) {
    content += chunk.toString();
    if (content.length > maxTokenLength) break;
  }
  return content;
}

function checkToken(token: string, source: string): string {
  if (token.length <= maxTokenLength && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new GlanceError('config.invalid', `${source} does not hold a token`, {
    hint: 'it has to be one line of printable characters',
  });
}

/** The TLS settings without a cloud. @throws GlanceError `config.invalid` for an option's file that cannot be used */
export async function readTls(configured: Configured): Promise<TlsSettings> {
  const { options, system } = configured;
  if (options.tls !== undefined) return options.tls;
  const find = (name: NamedOption, value: string | undefined, ...variables: string[]): TlsFile | null => {
    const setting = findSetting(configured, name, value, variables);
    if (setting === undefined) return null;
    return { path: setting.value, source: setting.source, isGiven: !variables.includes(setting.source) };
  };
  const isInsecure = options.insecure ?? isTrue(system.env['OS_INSECURE']);
  const insecureBy = options.insecure === undefined ? 'OS_INSECURE' : (options.names?.insecure ?? 'insecure');
  const choice = {
    ca: find('caFile', options.caFile, 'OS_CACERT', ...authorityVariables),
    cert: find('certFile', options.certFile, 'OS_CERT'),
    key: find('keyFile', options.keyFile, 'OS_KEY'),
    unverifiedBy: isInsecure ? insecureBy : null,
  };
  return await readTlsFiles(choice, (file) => readTextFile(configured, file));
}

function isTrue(value: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/i.test(value?.trim() ?? '');
}

/**
 * Reads a file or a pipe that a setting names.
 * @param maxBytes a larger file is refused; absent: the limit for certificates
 * @throws GlanceError `config.invalid`, naming the setting; the signal's reason
 */
export async function readTextFile(
  { system, signal }: Pick<Configured, 'system' | 'signal'>,
  { source, path: file }: TlsFile,
  maxBytes = maxPemBytes,
): Promise<string> {
  const { env, cwd, platform, homedir } = system;
  try {
    // In an env file, no shell has expanded `~`.
    const path = expandPath({ env, cwd, platform, homedir }, file);
    return (await readNamedFile(path, maxBytes, signal)).bytes.toString('utf8');
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(source, file, cause);
  }
}
