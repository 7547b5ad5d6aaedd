// The HTTP client as options and environment want it.
import { HttpClient, type WireEvent } from '../http/client.ts';
import { Connections } from '../http/dispatcher.ts';
import type { RetryPolicy } from '../retry.ts';
import type { GlobalOptions } from './options.ts';
import type { Runtime } from './runtime.ts';
import { readTls } from './settings.ts';

const connectTimeoutMs = 15_000;
const headersTimeoutMs = 60_000;
/** A store may have to attach a volume before the first byte. */
const dataHeadersTimeoutMs = 300_000;
const stallTimeoutMs = 60_000;
const defaultRetries = 5;

export interface ClientHooks {
  readonly warn: (message: string) => void;
  readonly onWire: ((event: WireEvent) => void) | undefined;
}

/** How often to try again. */
export function retryPolicy(options: GlobalOptions): RetryPolicy {
  return { retries: options.retries ?? defaultRetries };
}

/** @throws GlanceError `config.invalid` for files that cannot be read */
export async function createClient(
  runtime: Runtime,
  options: GlobalOptions,
  hooks: ClientHooks,
): Promise<{ client: HttpClient; close: () => Promise<void> }> {
  const tls = await readTls(runtime, options);
  if (!tls.verify)
    hooks.warn('certificates are not checked (--insecure): anybody in between can read and change everything');
  const connections = new Connections({ tls, env: runtime.env, connectTimeoutMs });
  const client = new HttpClient({
    connections,
    clock: runtime.clock,
    userAgent: `glance-cli/${runtime.version}`,
    timeouts: {
      headersMs: options.timeout ?? headersTimeoutMs,
      dataHeadersMs: options.timeout ?? dataHeadersTimeoutMs,
      stallMs: options.stallTimeout ?? stallTimeoutMs,
    },
    retry: retryPolicy(options),
    onWire: hooks.onWire,
  });
  return { client, close: () => connections.close() };
}
