// The HTTP client of a connection.
import { HttpClient } from '../http/client.ts';
import { Dispatchers, type TlsSettings } from '../http/connect/dispatchers.ts';
import { compileParser } from '../http/parser.ts';
import { version } from '../version.ts';
import type { Cloud } from '../identity/config/cloud.ts';
import { answerTimeoutMs, retryPolicyOf } from './connect-options.ts';
import type { Configured } from './settings.ts';

const connectTimeoutMs = 15_000;
/** A store may have to attach a volume before the first byte. */
const dataHeadersTimeoutMs = 300_000;
const stallTimeoutMs = 60_000;

/** An HTTP client, and how to close its connections. */
export interface OpenClient {
  readonly client: HttpClient;
  readonly close: () => Promise<void>;
}

/** A cloud's settings for connections and retries. */
type CloudHttp = Pick<Cloud, 'apiTimeoutMs' | 'forceIpv4' | 'statusRetries'>;

/**
 * Creates a client.
 * @param cloud null if there is none, or if its settings do not apply
 */
export function openClient({ options, system }: Configured, tls: TlsSettings, cloud: CloudHttp | null): OpenClient {
  const { apiTimeoutMs: timeoutMs = null, forceIpv4 = false, statusRetries = null } = cloud ?? {};
  const warn = options.onWarning;
  if (!tls.verify) {
    const by = tls.unverifiedBy ?? options.names?.insecure ?? 'insecure';
    warn?.(`certificates are not checked (${by}): anybody in between can read and change everything`);
  }
  // Meanwhile, another thread looks for a kept login.
  compileParser();
  const dispatchers = new Dispatchers({ tls, env: system.env, connectTimeoutMs, forceIpv4 });
  const client = new HttpClient({
    dispatchers,
    clock: system.clock,
    userAgent: [options.userAgent, `glance-cli/${version}`].filter((text) => text !== undefined).join(' '),
    timeouts: {
      headersMs: options.timeoutMs ?? timeoutMs ?? answerTimeoutMs,
      dataHeadersMs: options.timeoutMs ?? timeoutMs ?? dataHeadersTimeoutMs,
      stallMs: options.stallTimeoutMs ?? stallTimeoutMs,
    },
    retry: retryPolicyOf(options, statusRetries),
    ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
    onWire: options.onWire,
    onTell: options.onNote,
    onWait: options.onWait,
    onWarn: warn,
  });
  return { client, close: () => dispatchers.close() };
}
