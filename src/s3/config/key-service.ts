// Gets keys from services over HTTP, with a new client each time, since that happens at most once an hour.
import { type ErrorCode, GlanceError, HttpError, isRetryable } from '../../errors.ts';
import { HttpClient, type HttpClientOptions } from '../../http/client.ts';
import { Dispatchers, type TlsSettings } from '../../http/connect/dispatchers.ts';
import { readText } from '../../http/read-text.ts';
import type { HttpRequest } from '../../http/request.ts';
import type { Secrets } from '../../http/secrets/secrets.ts';
import { authorityHint } from '../access.ts';

/** What requests to services need: the parts of a run's HTTP client. */
export interface KeyWire extends Pick<HttpClientOptions, 'clock' | 'userAgent' | 'retry' | 'onWire' | 'onWarn'> {
  /** The register of every secret that is read or received. */
  readonly secrets: Secrets;
}

/** A service, and how long to wait for it. */
interface KeyService {
  /** Its name in messages, before a colon. */
  readonly name: string;
  /** What to check if it fails. */
  readonly hint: string;
  readonly tls: TlsSettings;
  /** The variables that may name proxies; empty to use none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for a connection and for an answer, milliseconds. */
  readonly timeoutMs: number;
  /** Attempts after the first; null: as many as for everything else. */
  readonly retries: number | null;
}

interface KeyRequest extends Pick<HttpRequest, 'method' | 'url' | 'accept' | 'body' | 'extraHeaders'> {
  /** Statuses, in addition to those of success, whose responses are passed to `read` as well. */
  readonly alsoAccept?: readonly number[];
}

export interface KeyAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request, with retries, and returns what `read` makes of the answer. If `read` throws, that may be retried
 * too.
 */
type Ask = <T>(request: KeyRequest, read: (answer: KeyAnswer) => T) => Promise<T>;

/** Far more than any service sends. */
const maxAnswerBytes = 64 * 1024;

/**
 * Opens a client for some requests, and closes it afterwards.
 * @throws GlanceError that names the service and contains no secret: `place.denied` if it refuses; the signal's reason
 */
export async function askService<T>(
  wire: KeyWire,
  service: KeyService,
  signal: AbortSignal,
  use: (ask: Ask) => Promise<T>,
): Promise<T> {
  const { tls, env, timeoutMs, retries } = service;
  const dispatchers = new Dispatchers({ tls, env, connectTimeoutMs: timeoutMs });
  const timeouts = { headersMs: timeoutMs, dataHeadersMs: timeoutMs, stallMs: timeoutMs };
  const retry = retries === null ? wire.retry : { retries };
  const client = new HttpClient({ ...wire, dispatchers, timeouts, retry });
  const ask: Ask = async (request, read) => {
    return await client.retry({ url: request.url, signal }, async () => {
      const answer = await client.send({ ...request, token: null, purpose: 'metadata', signal });
      return read({ status: answer.status, text: await readText(answer, maxAnswerBytes, {}) });
    });
  };
  try {
    return await use(ask);
  } catch (error) {
    signal.throwIfAborted();
    throw wire.secrets.hideInError(explain(service, error));
  } finally {
    await dispatchers.close();
  }
}

const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404]);

function explain({ name, hint }: KeyService, error: unknown): unknown {
  if (!(error instanceof GlanceError)) return error;
  const message = `${name}: ${error.message}`;
  const facts = { ...error.facts, hint: hintFor(error, hint), cause: error };
  const code = codeFor(error);
  return error instanceof HttpError
    ? new HttpError(code, message, error.status, facts)
    : new GlanceError(code, message, facts);
}

/** A store without its keys amounts to one that denies access, or is unavailable. */
function codeFor(error: GlanceError): ErrorCode {
  if (error instanceof HttpError && refusals.has(error.status)) return 'place.denied';
  return isRetryable(error.code) && /^(?:net|http)\./.test(error.code) ? 'place.unavailable' : error.code;
}

/** Errors of the network and of proxies, and temporary ones, have better hints of their own. */
function hintFor({ code, facts }: GlanceError, hint: string): string | undefined {
  if (code === 'tls.untrusted') return authorityHint;
  return isRetryable(code) || /^(?:net|proxy|tls)\./.test(code) ? facts.hint : hint;
}

/**
 * Returns a function that finds text fields in a JSON object; null for a field that is not text.
 * @throws GlanceError `json.invalid` if it is not a JSON object; the text may be secret, and is not shown
 */
export function fieldsOfJson(text: string): (field: string) => string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // V8's message would quote the text.
  }
  if (typeof value !== 'object' || value === null) {
    throw new GlanceError('json.invalid', 'the answer is not a JSON object');
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  return (field) => {
    const found = fields.get(field);
    return typeof found === 'string' ? found : null;
  };
}
