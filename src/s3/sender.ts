// Sends one request to a store: signs it, retries it, and corrects region, time and keys once if the store knows
// better.
import { GlanceError, IntegrityError, isRetryable } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { Method } from '../http/exchange.ts';
import type { HttpAnswer } from '../http/request.ts';
import { redactUrl } from '../http/secrets/redact.ts';
import { parseRetryAfter } from '../http/status.ts';
import { maxErrorBytes, readStart } from '../http/text/error-body.ts';
import { authorityHint, type S3Access, type S3Keys } from './access.ts';
import { parseRefusal, type Refusal } from './answers.ts';
import { isDamage, refusalError, S3Error } from './refusals.ts';
import { contentSha256, isStream, type S3Request } from './requests.ts';
import { signHeaders, type SigningKeys } from './signature.ts';
import { isRegion, objectUrl } from './url.ts';

/** A difference of the clocks that a store may no longer accept; the limit is 15 minutes. */
const mostSkewMs = 10 * 60_000;

/** The store's codes for expired keys. */
const expiry: ReadonlySet<string> = new Set(['ExpiredToken', 'TokenRefreshRequired']);

type Correction = 'region' | 'time' | 'keys';

/** What a request was signed with. */
interface Signed {
  readonly region: string;
  readonly keys: S3Keys;
  readonly timeMs: number;
}

export class S3Sender {
  readonly #http: HttpClient;
  readonly #access: S3Access;
  readonly #bucket: string;
  readonly #signingKeys: SigningKeys = new Map();
  #region: string;
  /** How far the store's clock is ahead of ours, milliseconds. */
  #skewMs = 0;

  constructor(http: HttpClient, access: S3Access, bucket: string) {
    this.#http = http;
    this.#access = access;
    this.#bucket = bucket;
    this.#region = access.region;
  }

  /**
   * Sends a request until it succeeds, and returns what `read` makes of the answer. A stream is sent only once.
   * @throws S3Error, GlanceError `place.unavailable` for a temporary failure that lasted, IntegrityError for data that
   * arrived damaged, and whatever `read` throws
   */
  async send<T>(request: S3Request, signal: AbortSignal, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => await read(await this.#sendCorrecting(request, signal));
    try {
      if (isStream(request.body)) return await attempt();
      return await this.#http.retry({ url: this.#urlOf(request), signal }, attempt);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#http.secrets.hideInError(lastingError(error, request));
    }
  }

  /** The error for an answer that is, or contains, a refusal. @param text of its body, as far as it was read */
  refuse(
    method: Method,
    { status, url, headers, requestId }: HttpAnswer,
    text: string,
    refusal: Refusal | null,
  ): S3Error {
    const { secrets, clock } = this.#http;
    const facts = {
      method,
      url: secrets.hideInHeader(redactUrl(url)),
      requestId: requestId ?? undefined,
      retryAfterMs: parseRetryAfter(headers.get('retry-after'), clock.wallTime()),
    };
    const said = { type: headers.get('content-type'), text };
    return refusalError({ host: url.host, bucket: this.#bucket }, { status, refusal }, said, facts, (shown) =>
      secrets.hide(shown),
    );
  }

  async #sendCorrecting(request: S3Request, signal: AbortSignal): Promise<HttpAnswer> {
    const corrected = new Set<Correction>();
    for (;;) {
      const { answer, signed } = await this.#sendOnce(request, signal);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const text = await readStart(answer.body, maxErrorBytes);
      const refusal = parseRefusal(text);
      const error = this.refuse(request.method, answer, text, refusal);
      const correction = await this.#correct(answer, refusal, signed, signal);
      if (correction === null || corrected.has(correction)) throw error;
      corrected.add(correction);
      // The stream is used up. Another one, sent with what is known now, may succeed.
      if (isStream(request.body)) {
        throw new GlanceError('place.unavailable', error.message, { ...error.facts, hint: undefined, cause: error });
      }
    }
  }

  async #sendOnce(request: S3Request, signal: AbortSignal): Promise<{ answer: HttpAnswer; signed: Signed }> {
    const region = this.#region;
    const url = this.#urlOf(request);
    const keys = await this.#access.keys(null, signal);
    this.#http.secrets.add(keys.secretAccessKey);
    const timeMs = this.#http.clock.wallTime() + this.#skewMs;
    const { method, headers, body, range } = request;
    const answer = await this.#http.send({
      method,
      url,
      accept: '*/*',
      token: null,
      purpose: request.isLarge ? 'data' : 'metadata',
      signal,
      isRaw: true,
      sign: () =>
        signHeaders(
          { method, url, region, headers, contentSha256: contentSha256(body), timeMs },
          keys,
          this.#signingKeys,
        ),
      ...(body === null ? {} : { body: { type: request.contentType, content: body } }),
      ...(range === null ? {} : { range }),
    });
    return { answer, signed: { region, keys, timeMs } };
  }

  /** Learns from a refusal what the store knows better. Null: nothing that would change the outcome. */
  async #correct(
    { status, headers }: HttpAnswer,
    refusal: Refusal | null,
    signed: Signed,
    signal: AbortSignal,
  ): Promise<Correction | null> {
    const region = headers.get('x-amz-bucket-region') ?? refusal?.region ?? signed.region;
    if (region !== signed.region && isRegion(region)) {
      this.#region = region;
      return 'region';
    }
    if (status < 400 || status >= 500) return null;
    const storeMs = Date.parse(headers.get('date')?.slice(0, 40) ?? '');
    const isSkewed = refusal?.code === 'RequestTimeTooSkewed' || Math.abs(storeMs - signed.timeMs) > mostSkewMs;
    if (isSkewed && !Number.isNaN(storeMs)) {
      this.#skewMs = storeMs - this.#http.clock.wallTime();
      return 'time';
    }
    // An answer to HEAD does not say why.
    const mayHaveExpired =
      refusal === null ? status !== 404 && signed.keys.sessionToken !== null : expiry.has(refusal.code);
    if (!mayHaveExpired) return null;
    const keys = await this.#access.keys(signed.keys, signal);
    return keys.secretAccessKey === signed.keys.secretAccessKey && keys.sessionToken === signed.keys.sessionToken
      ? null
      : 'keys';
  }

  #urlOf({ key, query }: S3Request): URL {
    return objectUrl({ endpoint: this.#access.endpoint, region: this.#region }, this.#bucket, key, query);
  }
}

/** The error for a request that is not retried any more. */
function lastingError(error: unknown, { body, headers }: S3Request): unknown {
  if (!(error instanceof GlanceError)) return error;
  if (error instanceof S3Error && isDamage(error.s3Code)) {
    const [, md5 = ''] = headers.find(([name]) => name === 'content-md5') ?? [];
    const expected = Buffer.from(md5, 'base64').toString('hex');
    const message = `data was damaged on its way to the store: ${error.message}`;
    // The store does not say what arrived.
    const digest = { algorithm: 'md5', expected, actual: '', bytes: body?.length ?? 0 };
    return new IntegrityError(message, digest, { ...error.facts, cause: error });
  }
  if (error.code === 'tls.untrusted') {
    return new GlanceError(error.code, error.message, { ...error.facts, hint: authorityHint, cause: error });
  }
  const isTrouble = isRetryable(error.code) && /^(?:net|http)\./.test(error.code);
  if (!isTrouble) return error;
  const hint = 'is the endpoint of the store right, and can it be reached from here?';
  return new GlanceError('place.unavailable', error.message, { ...error.facts, hint, cause: error });
}
