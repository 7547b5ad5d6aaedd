// Where to connect and how, from options and environment. An option wins; an empty variable is unset.
import { addAbortSignal } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { TlsSettings } from '../http/dispatcher.ts';
import type { ApiChoice } from '../image/discovery.ts';
import { maxPemBytes, readNamedFile, unreadable } from '../named-file.ts';
import { expandPath } from '../identity/config-places.ts';
import { readTlsFiles, type TlsFile } from '../identity/tls-files.ts';
import { readCloudFlags } from './cloud-options.ts';
import type { AllOptions, GlobalOptions } from './options.ts';
import type { Runtime } from './runtime.ts';

/** A value and where it came from, for messages. */
export interface Setting {
  readonly value: string;
  /** `--endpoint`, `OS_IMAGE_URL` … */
  readonly source: string;
}

/** What other programs take authorities from. */
export const authorityVariables = ['REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'] as const;

/** A token is a line; more is another kind of file. */
const maxTokenLength = 64 * 1024;

/** The first of the options and variables that is set, or undefined. */
export function findSetting(
  runtime: Runtime,
  options: readonly (readonly [name: string, value: string | undefined])[],
  variables: readonly string[],
): Setting | undefined {
  const candidates = [...options, ...variables.map((name) => [name, runtime.env[name]] as const)];
  for (const [source, value] of candidates) {
    if (value !== undefined && value.trim() !== '') return { value: value.trim(), source };
  }
  return undefined;
}

type Aliases = GlobalOptions & {
  osImageEndpointOverride?: string;
  osImageUrl?: string;
  osImageApiVersion?: '1' | '2' | 'auto';
};

/**
 * The endpoint.
 * @returns undefined if none is set
 * @throws GlanceError `config.invalid` if it is no http or https URL
 */
export function readEndpoint(runtime: Runtime, options: Aliases): URL | undefined {
  const setting = findEndpoint(runtime, options);
  if (setting === undefined) return undefined;
  const url = URL.canParse(setting.value) ? new URL(setting.value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new GlanceError(
      'config.invalid',
      `${setting.source} is no http or https URL: "${setting.value.replace(/^.*@/s, '***@')}"`,
      {
        hint: 'write it as http://HOST:9292 or https://HOST/image',
      },
    );
  }
  return url;
}

/** The endpoint as it was given, and by what. */
export function findEndpoint(runtime: Runtime, options: Aliases): Setting | undefined {
  return findSetting(
    runtime,
    [
      ['--endpoint', options.endpoint],
      ['--os-image-endpoint-override', options.osImageEndpointOverride],
      ['--os-image-url', options.osImageUrl],
    ],
    ['OS_IMAGE_ENDPOINT_OVERRIDE', 'OS_IMAGE_URL'],
  );
}

/**
 * The API version that is wanted.
 * @param configured what clouds.yaml says, if anything
 * @throws GlanceError `config.invalid`
 */
export function readApiChoice(runtime: Runtime, options: Aliases, configured: string | null = null): ApiChoice {
  const setting = findSetting(
    runtime,
    [['--image-api-version', options.imageApiVersion ?? options.osImageApiVersion]],
    ['OS_IMAGE_API_VERSION'],
  );
  const major = /^(?:v?([12])(?:\.\d+)?|auto)$/.exec(setting?.value ?? configured ?? 'auto');
  if (major === null) {
    throw new GlanceError(
      'config.invalid',
      `${setting?.source ?? 'image_api_version'} is no version of the Images API: "${setting?.value ?? configured ?? ''}"`,
      {
        hint: 'it is 1, 2 or auto',
      },
    );
  }
  return major[1] === undefined ? 'auto' : major[1] === '1' ? 1 : 2;
}

/** Where {@link readToken} takes a token from; null without one. */
export function findTokenSource(runtime: Runtime, options: AllOptions): string | null {
  if (options.tokenFile !== undefined) return `--token-file ${options.tokenFile}`;
  return findToken(runtime, options)?.source ?? null;
}

/** A token that is given as it is, by the names that OpenStack's clients have for it. */
function findToken(runtime: Runtime, options: AllOptions): Setting | undefined {
  const flags = readCloudFlags(options);
  return findSetting(
    runtime,
    [
      ['--os-token', flags.get('token')],
      ['--os-auth-token', flags.get('auth_token')],
    ],
    ['OS_TOKEN', 'OS_AUTH_TOKEN'],
  );
}

/**
 * The token, or null if none is set.
 * @throws GlanceError `config.invalid` if the file cannot be read or holds no token
 */
export async function readToken(runtime: Runtime, options: AllOptions): Promise<string | null> {
  const file = options.tokenFile;
  if (file === undefined) {
    const setting = findToken(runtime, options);
    return setting === undefined ? null : checkToken(setting.value, setting.source);
  }
  const content =
    file === '-' ? await readStdin(runtime) : await readTextFile(runtime, '--token-file', file, maxTokenLength);
  return checkToken(content.trim(), `--token-file ${file}`);
}

/** As much of standard input as a token can have; a signal ends the wait. */
async function readStdin({ stdin, signal }: Runtime): Promise<string> {
  let content = '';
  for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer | string>) {
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

/** @throws GlanceError `config.invalid` for an option's file that cannot be used */
export async function readTls(runtime: Runtime, options: GlobalOptions): Promise<TlsSettings> {
  const find = (option: string, value: string | undefined, ...variables: string[]): TlsFile | null => {
    const setting = findSetting(runtime, [[option, value]], variables);
    return setting === undefined ? null : { path: setting.value, source: setting.source };
  };
  const isInsecure = options.insecure ?? isTrue(runtime.env['OS_INSECURE']);
  const choice = {
    ca: find('--os-cacert', options.osCacert, 'OS_CACERT', ...authorityVariables),
    cert: find('--os-cert', options.osCert, 'OS_CERT'),
    key: find('--os-key', options.osKey, 'OS_KEY'),
    unverifiedBy: isInsecure ? (options.insecure === undefined ? 'OS_INSECURE' : '--insecure') : null,
  };
  return await readTlsFiles(choice, ({ source, path }) => readTextFile(runtime, source, path));
}

function isTrue(value: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/i.test(value?.trim() ?? '');
}

/**
 * A file, or a pipe, that a setting names.
 * @param maxBytes more is refused; absent: what certificates may have
 * @throws GlanceError `config.invalid`, naming the setting; the signal's reason
 */
export async function readTextFile(
  runtime: Runtime,
  source: string,
  file: string,
  maxBytes = maxPemBytes,
): Promise<string> {
  const { env, cwd, platform, homedir, signal } = runtime;
  try {
    // An env file has a ~ that no shell has expanded.
    const path = expandPath({ env, cwd, platform, homedir }, file);
    return (await readNamedFile(path, maxBytes, signal)).bytes.toString('utf8');
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(source, file, cause);
  }
}
