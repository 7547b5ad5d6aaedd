// The HTTP client as options and environment want it.
import { HttpClient, type WireEvent } from '../http/client.ts';
import { Connections, type TlsSettings } from '../http/dispatcher.ts';
import type { Secrets } from '../http/secrets.ts';
import { compileParser } from '../http/parser.ts';
import type { RetryPolicy } from '../retry.ts';
import type { GlobalOptions } from './options.ts';
import type { Runtime } from './runtime.ts';

const connectTimeoutMs = 15_000;
const headersTimeoutMs = 60_000;
/** A store may have to attach a volume before the first byte. */
const dataHeadersTimeoutMs = 300_000;
const stallTimeoutMs = 60_000;
const defaultRetries = 5;

export interface ClientHooks {
  /** Where every secret that is sent or got is entered. */
  readonly secrets: Secrets;
  readonly warn: (message: string) => void;
  readonly onWire: ((event: WireEvent) => void) | undefined;
  readonly onTell: (message: string) => void;
}

/** What a cloud or the options say about connections. */
export interface ConnectionChoice {
  readonly tls: TlsSettings;
  /** Longest wait for an answer, milliseconds; null where nothing is configured. */
  readonly timeoutMs: number | null;
}

/** How often to try again. */
export function retryPolicy(options: GlobalOptions): RetryPolicy {
  return { retries: options.retries ?? defaultRetries };
}

/** A client that connects so. */
export async function createClient(
  runtime: Runtime,
  options: GlobalOptions,
  { tls, timeoutMs }: ConnectionChoice,
  hooks: ClientHooks,
): Promise<{ client: HttpClient; close: () => Promise<void> }> {
  if (!tls.verify)
    hooks.warn(
      `certificates are not checked (${tls.unverifiedBy ?? '--insecure'}): anybody in between can read and change everything`,
    );
  // A kept login is being looked for meanwhile, in another thread.
  compileParser();
  const connections = new Connections({ tls, env: runtime.env, connectTimeoutMs });
  const client = new HttpClient({
    connections,
    clock: runtime.clock,
    userAgent: `glance-cli/${runtime.version}`,
    timeouts: {
      headersMs: options.timeout ?? timeoutMs ?? headersTimeoutMs,
      dataHeadersMs: options.timeout ?? timeoutMs ?? dataHeadersTimeoutMs,
      stallMs: options.stallTimeout ?? stallTimeoutMs,
    },
    retry: retryPolicy(options),
    secrets: hooks.secrets,
    onWire: hooks.onWire,
    onTell: hooks.onTell,
    onWarn: hooks.warn,
  });
  return { client, close: () => connections.close() };
}
