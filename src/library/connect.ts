// From what a program gives to a Glance: configuration, login, discovery.
import { statSync } from 'node:fs';
import { platform, userInfo } from 'node:os';
import { type Clock, systemClock } from '../clock.ts';
import { GlanceError } from '../errors.ts';
import { HttpClient } from '../http/client.ts';
import { type CredentialSource, fixedCredentials } from '../http/credentials.ts';
import { Connections, type TlsSettings } from '../http/dispatcher.ts';
import { createAuthenticator } from '../identity/authenticator.ts';
import type { Cloud } from '../identity/cloud.ts';
import { loadCloud } from '../identity/load-cloud.ts';
import { readTlsFiles, tlsChoiceOf } from '../identity/tls-files.ts';
import { type ApiChoice, discoverApi } from '../image/discovery.ts';
import type { ImageService } from '../image/service.ts';
import { V1ImageService } from '../image/v1.ts';
import { V2ImageService } from '../image/v2.ts';
import { maxPemBytes, readNamedFile, unreadable } from '../named-file.ts';
import { findHome, findWorkingDirectory } from '../places.ts';
import type { RetryPolicy } from '../retry.ts';
import { version } from '../version.ts';

/** Where to connect, and how. Give `cloud`, or `endpoint`, or an `env` that describes one of them. */
export interface ConnectOptions {
  /** A cloud of clouds.yaml. */
  readonly cloud?: string;
  /** Where Glance is, with or without `/v1` or `/v2`; no login, and no cloud. */
  readonly endpoint?: string | URL;
  /** Sent to the endpoint's origin only. */
  readonly token?: string;
  /** Absent: v2 where it is offered, else v1. */
  readonly apiVersion?: 1 | 2;
  /** Variables to read: `OS_*`, proxies, `XDG_CONFIG_HOME`. Absent: none, so that nothing of the surroundings counts. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Certificates and authorities, in place of the cloud's. */
  readonly tls?: TlsSettings;
  /** Tries after a failure that may pass. Absent: 5. */
  readonly retries?: number;
  /** Longest wait for an answer, milliseconds; 0: no limit. Absent: 60 s, for image data 300 s. */
  readonly timeoutMs?: number;
  /** Longest silence within an answer, milliseconds; 0: no limit. Absent: 60 s. */
  readonly stallTimeoutMs?: number;
  /** Sent along with the name and version of the library, as `User-Agent`. */
  readonly userAgent?: string;
  /** Told what is odd and no failure. */
  readonly onWarning?: (message: string) => void;
  /** Ends connecting and every request of the client. */
  readonly signal?: AbortSignal;
}

/** An open Glance, and what its parts share. */
export interface Connection {
  readonly client: HttpClient;
  readonly service: ImageService;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  readonly close: () => Promise<void>;
}

/** @throws GlanceError `config.*`, `cloud.*`, `auth.*`, `api.version`, what requests fail with; the signal's reason */
export async function connect(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  const { endpoint } = options;
  const warn = options.onWarning ?? ((): void => undefined);
  if (endpoint !== undefined) {
    const link = openClient(options, options.tls ?? { verify: true }, warn);
    const credentials = fixedCredentials(options.token ?? null);
    return await closingOnFailure(link, () =>
      open(link, parseEndpoint(endpoint), credentials, options.apiVersion ?? 'auto', warn, signal),
    );
  }
  return await connectCloud(options, warn, signal);
}

interface Link {
  readonly client: HttpClient;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly close: () => Promise<void>;
}

function openClient(options: ConnectOptions, tls: TlsSettings, warn: (message: string) => void): Link {
  const connections = new Connections({ tls, env: options.env ?? {}, connectTimeoutMs: 10_000 });
  const retry = { retries: options.retries ?? 5 };
  const clock = systemClock;
  const client = new HttpClient({
    connections,
    clock,
    userAgent: [options.userAgent, `glance-cli/${version}`].filter((text) => text !== undefined).join(' '),
    timeouts: {
      headersMs: options.timeoutMs ?? 60_000,
      dataHeadersMs: options.timeoutMs ?? 300_000,
      stallMs: options.stallTimeoutMs ?? 60_000,
    },
    retry,
    onWarn: warn,
  });
  return { client, retry, clock, close: () => connections.close() };
}

async function closingOnFailure<T>(link: Link, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function open(
  link: Link,
  endpoint: URL,
  credentials: CredentialSource,
  wanted: ApiChoice,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<Connection> {
  const { client } = link;
  const tell = (message: string): void => warn(client.secrets.hide(message));
  const found = await discoverApi(client, endpoint, { wanted, isBase: false, credentials }, signal);
  const parts = { client, base: found.base, guess: found.guess, credentials, warn: tell };
  return { ...link, warn, service: found.version === 2 ? new V2ImageService(parts) : new V1ImageService(parts) };
}

async function connectCloud(
  options: ConnectOptions,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<Connection> {
  const cloud = await loadCloud({
    env: options.env ?? {},
    flags: new Map(options.cloud === undefined ? [] : [['cloud', options.cloud]]),
    cwd: findWorkingDirectory(),
    platform: platform(),
    homedir: findHome(),
    uid: userId(),
    signal,
    mergeAll: false,
    fetchJson: () => Promise.reject(new GlanceError('config.invalid', 'profiles that are URLs are not fetched')),
  });
  if (cloud === null) throw new GlanceError('config.missing', 'neither a cloud nor an endpoint is given');
  for (const warning of cloud.warnings) warn(warning);
  const link = openClient(options, options.tls ?? (await readCloudTls(cloud, signal)), warn);
  return await closingOnFailure(link, async () => {
    const authenticator = createAuthenticator(link.client, cloud, null, signal);
    const configured = cloud.imageApiVersion?.startsWith('1') ? 1 : cloud.imageApiVersion?.startsWith('2') ? 2 : 'auto';
    const wanted = options.apiVersion ?? configured;
    return await open(link, await authenticator.imageEndpoint(), authenticator, wanted, warn, signal);
  });
}

/** @throws the signal's reason */
async function readCloudTls(cloud: Cloud, signal: AbortSignal): Promise<TlsSettings> {
  return await readTlsFiles(tlsChoiceOf(cloud), async ({ path, source }) => {
    try {
      return (await readNamedFile(path, maxPemBytes, signal)).bytes.toString('utf8');
    } catch (cause) {
      signal.throwIfAborted();
      throw unreadable(source, path, cause);
    }
  });
}

function parseEndpoint(endpoint: string | URL): URL {
  const text = String(endpoint);
  if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text);
  throw new GlanceError('config.invalid', 'the endpoint is no http or https URL');
}

/** Null on Windows, where users have no numbers. */
export function userId(): number | null {
  try {
    const { uid } = userInfo();
    return uid < 0 ? null : uid;
  } catch {
    // In a container whose user is a mere number, the system knows no name for it.
    return statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? null;
  }
}
