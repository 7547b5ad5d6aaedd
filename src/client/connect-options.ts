// What is configured: by a program that uses the library, or by the options of a command. What is absent may be in the
// environment or in a clouds.yaml.
import type { Readable } from 'node:stream';
import type { WireEvent } from '../http/request.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import type { Secrets } from '../http/secrets/secrets.ts';
import type { RetryPolicy } from '../retry.ts';
import type { System } from './system.ts';

/** Options whose values messages name by what the user calls them. */
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
  /** A cloud of clouds.yaml. */
  readonly cloud?: string | undefined;
  /** Further settings of a cloud by their names in clouds.yaml: `auth_url`, `username`, `region_name` … */
  readonly settings?: ReadonlyMap<string, string>;
  /** Where Glance is, with or without `/v1` or `/v2`; beside a cloud in place of what its catalog says. */
  readonly endpoint?: string | URL | undefined;
  /** Sent to the endpoint's origin only. */
  readonly token?: string | undefined;
  /** A file, or a pipe, that holds the token; `-` is {@link stdin}. */
  readonly tokenFile?: string | undefined;
  readonly stdin?: Readable | undefined;
  /** Absent: v2 where it is offered, else v1. `auto` is that, whatever the configuration says. */
  readonly apiVersion?: 1 | 2 | 'auto' | undefined;
  /** Variables to read: `OS_*`, proxies, `XDG_CONFIG_HOME`. Absent: those of {@link system}. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absent: this machine, without any variables, so that nothing of the surroundings counts. */
  readonly system?: System;
  /** Certificates and authorities, in place of all that is configured. */
  readonly tls?: TlsSettings;
  /** PEM file of the authorities to trust. */
  readonly caFile?: string | undefined;
  /** PEM files of a client certificate and its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Whether any certificate will do. */
  readonly insecure?: boolean | undefined;
  /** Tries after a failure that may pass. Absent: 5. */
  readonly retries?: number | undefined;
  /** Longest wait for an answer, milliseconds; 0: no limit. Absent: the cloud's `api_timeout`, 60 s, for image data 300 s. */
  readonly timeoutMs?: number | undefined;
  /** Longest silence within an answer, milliseconds; 0: no limit. Absent: 60 s. */
  readonly stallTimeoutMs?: number | undefined;
  /** Sent along with the name and version of the library, as `User-Agent`. */
  readonly userAgent?: string;
  /** Whether tokens of logins are kept in the user's cache and used again. Absent: false. */
  readonly tokenCache?: boolean;
  /** False: no login; of logins only a kept one is used. Absent: true. */
  readonly mayLogIn?: boolean;
  /** Whether every variable wins over clouds.yaml, as with OpenStack's own client. Absent: false. */
  readonly mergesVariables?: boolean;
  /** Told what is odd and no failure. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Told what a person has to do, as to log in by a browser. */
  readonly onNote?: ((message: string) => void) | undefined;
  /**
   * Told the page on which a person is to log in by browser (`v3websso`), on this machine. Gives whether it is shown to them; if
   * it is not, {@link onNote} is told where it is. Absent: nobody is there, and such a login fails.
   */
  readonly onLoginPage?: ((page: URL) => boolean | Promise<boolean>) | undefined;
  /**
   * Asked for a passcode of one time (TOTP) where one is needed and none configured. Gives null where there is none; what it is
   * must not be shown. Absent: nobody is there, and such a login fails.
   */
  readonly onPasscode?: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** Told what goes over the wire, without secrets. */
  readonly onWire?: ((event: WireEvent) => void) | undefined;
  /** Where every secret that is sent or got is entered. Absent: in a register of the connection's own. */
  readonly secrets?: Secrets;
  /** What the user calls these options, for messages. Absent: as here. */
  readonly names?: Partial<Readonly<Record<NamedOption, string>>>;
  /** What the user calls one of {@link settings}, for messages. Absent: by its name in clouds.yaml. */
  readonly settingName?: (name: string) => string;
  /** Ends connecting and every request. */
  readonly signal?: AbortSignal | undefined;
}

const defaultRetries = 5;

/**
 * How often to try again: what is given for this very call counts before what a cloud says.
 * @param statusRetries what the cloud says of answers that may pass; null where it says nothing
 */
export function retryPolicyOf({ retries }: ConnectOptions, statusRetries: number | null = null): RetryPolicy {
  if (retries !== undefined) return { retries };
  return { retries: defaultRetries, ...(statusRetries === null ? {} : { statusRetries }) };
}

/** What is said of a token that does not go along to the origin of a URL. */
export function keptBack({ names }: ConnectOptions, { origin }: URL): string {
  return `no token is sent to ${origin}, which is not the configured endpoint; give ${names?.endpoint ?? 'endpoint'} to send it there`;
}
