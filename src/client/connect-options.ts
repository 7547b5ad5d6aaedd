// The configuration that a program or a command passes to the library. Whatever is absent may come from the environment
// or from a clouds.yaml.
import type { Readable } from 'node:stream';
import type { WireEvent } from '../http/request.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import type { Secrets } from '../http/secrets/secrets.ts';
import type { RetryPolicy } from '../retry.ts';
import type { System } from './system.ts';

/** Options that messages refer to by the name that the user knows. */
export type NamedOption =
  | 'endpoint'
  | 'token'
  | 'tokenFile'
  | 'apiVersion'
  | 'caFile'
  | 'certFile'
  | 'keyFile'
  | 'insecure';

/** Where to connect, and how. */
export interface ConnectOptions {
  /** A cloud from clouds.yaml. */
  readonly cloud?: string | undefined;
  /** More settings of the cloud, by their names in clouds.yaml: `auth_url`, `username`, `region_name` … */
  readonly settings?: ReadonlyMap<string, string>;
  /** The URL of Glance, with or without `/v1` or `/v2`. With a cloud, it replaces the one from the catalog. */
  readonly endpoint?: string | URL | undefined;
  /** A token, which is sent only to the origin of the endpoint. */
  readonly token?: string | undefined;
  /** A file, or a pipe, that holds the token; `-` is {@link stdin}. */
  readonly tokenFile?: string | undefined;
  readonly stdin?: Readable | undefined;
  /** Absent: v2 if the server offers it, otherwise v1. `auto` means the same, whatever the configuration says. */
  readonly apiVersion?: 1 | 2 | 'auto' | undefined;
  /** Variables to read: `OS_*`, proxies, `XDG_CONFIG_HOME`. Absent: those of {@link system}. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absent: this machine without any variables, so that the environment has no effect. */
  readonly system?: System;
  /** Certificates and authorities that replace all configured ones. */
  readonly tls?: TlsSettings;
  /** PEM file of the authorities to trust. */
  readonly caFile?: string | undefined;
  /** PEM files of a client certificate and its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Whether any certificate is accepted. */
  readonly insecure?: boolean | undefined;
  /** How often to retry after a temporary failure. Absent: 5. */
  readonly retries?: number | undefined;
  /** Longest wait for an answer, milliseconds; 0: no limit. Absent: the cloud's `api_timeout`, or 60 s; 300 s for image data. */
  readonly timeoutMs?: number | undefined;
  /** Longest pause within an answer, milliseconds; 0: no limit. Absent: 60 s. */
  readonly stallTimeoutMs?: number | undefined;
  /** Sent as `User-Agent`, with the name and version of the library. */
  readonly userAgent?: string;
  /** Whether tokens are kept in the user's cache and reused. Absent: false. */
  readonly tokenCache?: boolean;
  /** False: never log in, and use only the cached token of an earlier login. Absent: true. */
  readonly mayLogIn?: boolean;
  /** Whether all variables take precedence over clouds.yaml, as in OpenStack's own client. Absent: false. */
  readonly mergesVariables?: boolean;
  /** Called with warnings: anything that is odd, but not a failure. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called with notes: anything that a person has to do, such as log in with a browser. */
  readonly onNote?: ((message: string) => void) | undefined;
  /**
   * Called when a server has kept a request waiting for some seconds and will be asked again; not repeated until it has
   * answered.
   */
  readonly onWait?: ((message: string) => void) | undefined;
  /**
   * Called with the page on which a person has to log in, in a browser on this machine (`v3websso`). Returns whether the person
   * sees it; if not, {@link onNote} gets its URL. Absent: there is nobody to ask, and such a login fails.
   */
  readonly onLoginPage?: ((page: URL) => boolean | Promise<boolean>) | undefined;
  /**
   * Called for a one-time passcode (TOTP) if one is needed and none is configured. Returns null if there is none. The passcode
   * must not be shown as it is typed. Absent: there is nobody to ask, and such a login fails.
   */
  readonly onPasscode?: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** Called with what goes over the wire, without secrets. */
  readonly onWire?: ((event: WireEvent) => void) | undefined;
  /** The register for every secret that is sent or received. Absent: the connection has its own. */
  readonly secrets?: Secrets;
  /** The names by which the user knows these options, for messages. Absent: the same as here. */
  readonly names?: Partial<Readonly<Record<NamedOption, string>>>;
  /** The name by which the user knows one of {@link settings}, for messages. Absent: its name in clouds.yaml. */
  readonly settingName?: (name: string) => string;
  /** Ends connecting and every request. */
  readonly signal?: AbortSignal | undefined;
}

/** The same for a connection, which never chooses the surroundings itself: that is for those who open it. */
export interface ConnectionOptions extends ConnectOptions {
  readonly system: System;
}

/** Longest wait for an answer about metadata, and for one of a queue, unless `timeoutMs` says otherwise. */
export const answerTimeoutMs = 60_000;
const defaultRetries = 5;

/**
 * How often to retry: a value given for this call takes precedence over the cloud's.
 * @param statusRetries the cloud's setting for temporary error statuses; null if it has none
 */
export function retryPolicyOf({ retries }: ConnectOptions, statusRetries: number | null = null): RetryPolicy {
  if (retries !== undefined) return { retries };
  return { retries: defaultRetries, ...(statusRetries === null ? {} : { statusRetries }) };
}

/** The message about a token that is not sent to the origin of a URL. */
export function keptBack({ names }: ConnectOptions, { origin }: URL): string {
  return `no token is sent to ${origin}, which is not the configured endpoint; give ${names?.endpoint ?? 'endpoint'} to send it there`;
}
