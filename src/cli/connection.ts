// The connection that a command's options describe.
import { Connection } from '../client/connection.ts';
import type { ConnectionOptions, ConnectOptions } from '../client/connect-options.ts';
import type { Secrets } from '../http/secrets/secrets.ts';
import { cloudFlag, readCloudFlags, secretFlags } from './options/cloud-options.ts';
import { isInteractive } from './console/ask.ts';
import type { Messages } from './console/messages.ts';
import type { GlobalOptions } from './options/options.ts';
import type { Runtime } from './runtime.ts';
import { compileWasmOnce } from './v8-flags.ts';

const names = {
  token: '--os-token',
  tokenFile: '--token-file',
  apiVersion: '--image-api-version',
  caFile: '--os-cacert',
  certFile: '--os-cert',
  keyFile: '--os-key',
  insecure: '--insecure',
} as const;

/** Opens nothing yet: each part is created when first needed. */
export function connectionOf(
  runtime: Runtime,
  options: GlobalOptions,
  messages: Messages,
  more: { readonly secrets?: Secrets; readonly mayLogIn?: boolean } = {},
): Connection {
  compileWasmOnce();
  const flags = readCloudFlags(options);
  const settings = new Map(flags);
  for (const name of ['cloud', 'auth_token']) settings.delete(name);
  const endpoint = endpointOf(options);
  const connectionOptions: ConnectionOptions = {
    system: runtime,
    signal: runtime.signal,
    cloud: flags.get('cloud'),
    settings,
    endpoint: endpoint?.value,
    token: flags.get('token') ?? flags.get('auth_token'),
    tokenFile: options.tokenFile,
    stdin: options.tokenFile === '-' ? runtime.stdin() : undefined,
    apiVersion: versionOf(options),
    caFile: options.osCacert,
    certFile: options.osCert,
    keyFile: options.osKey,
    insecure: options.insecure,
    retries: options.retries,
    timeoutMs: options.timeout,
    stallTimeoutMs: options.stallTimeout,
    tokenCache: options.tokenCache !== false,
    mergesVariables: options.compat !== undefined,
    settingName: cloudFlag,
    names: { ...names, endpoint: endpoint?.name ?? '--endpoint' },
    onWarning: (message) => messages.say('warning', message),
    onNote: (message) => messages.say('note', message),
    onWait: (message) => (options.quiet === true ? undefined : messages.say('note', message)),
    onPasscode: askerOf(runtime, options, messages),
    onLoginPage: isWatched(runtime, options) ? (page) => runtime.openBrowser(page) : undefined,
    onWire: options.debug === true ? (event) => messages.sayWire(event) : undefined,
    ...more,
  };
  return new Connection(connectionOptions);
}

/**
 * Whether the options allow questions: standard input must not be used for something else, and stderr not for events.
 */
export function mayAsk({ input, tokenFile, progress }: GlobalOptions): boolean {
  return input !== false && tokenFile !== '-' && progress !== 'json';
}

function askerOf(runtime: Runtime, options: GlobalOptions, messages: Messages): ConnectOptions['onPasscode'] {
  return async (question, signal) => {
    if (!mayAsk(options) || !isInteractive(runtime)) return null;
    const { askSecret } = await import('./console/ask-secret.ts');
    return await askSecret(runtime, messages, question, signal);
  };
}

/** Whether somebody reads messages as they appear: on a terminal, or because this call says so. */
function isWatched({ stderr, env }: Runtime, { osAuthType, input }: GlobalOptions): boolean {
  if (osAuthType?.toLowerCase() === 'v3websso') return true;
  return stderr.isTTY === true && (env['CI'] ?? '') === '' && input !== false;
}

function versionOf({ imageApiVersion, osImageApiVersion }: GlobalOptions): 1 | 2 | 'auto' | undefined {
  const version = imageApiVersion ?? osImageApiVersion;
  return version === undefined || version === 'auto' ? version : version === '1' ? 1 : 2;
}

/** An endpoint, under any of its names. */
function endpointOf(options: GlobalOptions): { readonly name: string; readonly value: string } | undefined {
  return [
    { name: '--endpoint', value: options.endpoint ?? '' },
    { name: '--os-image-endpoint-override', value: options.osImageEndpointOverride ?? '' },
    { name: '--os-image-url', value: options.osImageUrl ?? '' },
  ].find(({ value }) => value.trim() !== '');
}

/** A warning about secrets among the options; null if there are none. */
export function warningOfSecrets(options: GlobalOptions): string | null {
  const flags = secretFlags(options);
  if (flags.length === 0) return null;
  return `${flags.join(', ')} on the command line: every user of this machine can read it; use clouds.yaml or a variable`;
}
