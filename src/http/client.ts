// Requests as the rest of the program makes them: redirects followed by hand, error answers thrown, retries, JSON.
import { readText } from './read-text.ts';
import type { HttpTimeouts, WireEvent, HttpRequest, HttpAnswer } from './request.ts';
import type { Clock } from '../clock.ts';
import { type ErrorFacts, GlanceError, HttpError } from '../errors.ts';
import { type RetryNotice, type RetryPolicy, withRetries } from '../retry.ts';
import type { Dispatchers } from './connect/dispatchers.ts';
import type { HeaderList } from './text/headers.ts';
import { maxErrorBytes, plainSentence, readStart } from './text/error-body.ts';
import { type Answer, exchange } from './exchange.ts';
import { enterAnswered, enterSent, enterSigned, hideRepeated } from './secrets/exchanged-secrets.ts';
import { parseJson } from './text/json-text.ts';
import { redactHeaders, redactUrl } from './secrets/redact.ts';
import { LongWaits } from './long-waits.ts';
import { followRedirect, isRedirect, maxRedirects, refuseRedirect } from './redirect.ts';
import { Secrets } from './secrets/secrets.ts';
import { shorten } from '../text/shorten.ts';
import { meantStatus, parseRetryAfter, reasonOf, statusError } from './status.ts';

export interface HttpClientOptions {
  readonly dispatchers: Dispatchers;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly timeouts: HttpTimeouts;
  readonly retry: RetryPolicy;
  /** The register for every secret that is sent or received. Absent: the client has its own. */
  readonly secrets?: Secrets | undefined;
  readonly onWire?: ((event: WireEvent) => void) | undefined;
  /** Reports an oddity that does not end the run. */
  readonly onWarn?: ((message: string) => void) | undefined;
  /** Tells a person what they have to do, such as open a page to log in. */
  readonly onTell?: ((message: string) => void) | undefined;
  /** Reports that a server has kept a request waiting for a while, and is asked again. */
  readonly onWait?: ((message: string) => void) | undefined;
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #answered = new Set<string>();
  readonly #warnedProxies = new Set<string>();
  readonly #waits: LongWaits;
  /** Everything known to be secret so far. It is removed from errors and from events on the wire. */
  readonly secrets: Secrets;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.secrets = options.secrets ?? new Secrets();
    this.#waits = new LongWaits(options.clock, (message) => options.onWait?.(this.secrets.hideInMessage(message)));
  }

  /** Attempts after the first that bring no progress. */
  get retries(): number {
    return this.#options.retry.retries;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Tells a person what they have to do. */
  tell(message: string): void {
    this.#options.onTell?.(this.secrets.hideInMessage(message));
  }

  /** Whether this origin has answered anything yet: if so, a refused connection is a temporary fault. */
  hasAnswered(origin: string): boolean {
    return this.#answered.has(origin);
  }

  /**
   * Sends a request once, and follows redirects. The caller consumes or destroys the body. A token that a server repeats
   * is hidden in headers, as in JSON.
   * @throws GlanceError for every failure, error statuses included
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#sendRenewing(request);
    } catch (error) {
      throw this.secrets.hideInError(error);
    }
  }

  async #sendRenewing(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#follow(request);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401 || request.renew === undefined) throw error;
      const renewed = await request.renew();
      if (renewed === null) throw error;
      const { token, headers } = renewed;
      // Of two headers with the same name, the later one is sent.
      return await this.#follow({ ...request, token, extraHeaders: [...(request.extraHeaders ?? []), ...headers] });
    }
  }

  async #follow(request: HttpRequest): Promise<HttpAnswer> {
    let url = request.url;
    let isHome = true;
    const visited = [redactUrl(url)];
    const { redirectsAnywhere } = request;
    const purpose = redirectsAnywhere === undefined ? request.purpose : 'data';
    for (;;) {
      const answer = await this.#sendOnce(request, url, isHome);
      if (request.isRaw === true) return this.#asAnswer(url, answer);
      if (!isRedirect(answer.status)) return await this.#check(request, url, answer);
      answer.body.destroy();
      const hop = { from: url, location: answer.headers.get('location'), purpose };
      if (request.method === 'POST' || request.method === 'PUT')
        refuseRedirect(hop, { ...this.#facts(request, url), httpStatus: answer.status });
      if (visited.length > (redirectsAnywhere ?? maxRedirects)) {
        const text = `${request.url.host} redirects in a loop: ${visited.join(' → ')}`;
        throw new GlanceError('http.redirect.loop', text, this.#facts(request, url));
      }
      const next = followRedirect(hop);
      url = next.url;
      if (!next.sameOrigin) isHome = false;
      visited.push(redactUrl(url));
    }
  }

  /** {@link send} with retries, for an answer whose body does not matter. */
  async head(request: HttpRequest): Promise<HttpAnswer> {
    return await this.retry(request, async () => {
      const answer = await this.send(request);
      answer.body.destroy();
      return answer;
    });
  }

  /**
   * {@link send} with retries, for a JSON body.
   * @param maxBytes maximum number of bytes of the body to read
   * @throws GlanceError `json.invalid` for a body that is not JSON, or too long
   */
  async json(request: HttpRequest, maxBytes: number): Promise<{ answer: HttpAnswer; value: unknown }> {
    return await this.retry(request, async () => {
      const answer = await this.send(request);
      const { url, requestId, status } = answer;
      const facts = { ...this.#facts(request, url, requestId), ...(status < 300 ? {} : { httpStatus: status }) };
      const text = await readText(answer, maxBytes, facts);
      return { answer, value: this.secrets.hideTokensIn(parseJson(text, facts, (said) => this.secrets.hide(said))) };
    });
  }

  /** Tries until it succeeds or the policy gives up. @throws as `withRetries` does */
  async retry<T>(request: Pick<HttpRequest, 'url' | 'signal'>, attempt: () => Promise<T>): Promise<T> {
    const { origin } = request.url;
    const { clock, retry: policy } = this.#options;
    const answered = (): boolean => this.hasAnswered(origin);
    return await this.#waits.watch(origin, async (goesOn) => {
      const onRetry = (notice: RetryNotice): void => {
        this.reportRetry(notice);
        goesOn(notice);
      };
      return await withRetries({ clock, policy, signal: request.signal, answered, onRetry }, attempt);
    });
  }

  /** Reports a retry to `--debug`. */
  reportRetry({ error, delayMs, nextAttempt }: RetryNotice): void {
    const line = `${error.code}: ${error.message}; attempt ${String(nextAttempt)} in ${String(delayMs)} ms`;
    this.#tellWire('retry', [line]);
  }

  async #sendOnce(request: HttpRequest, url: URL, isHome: boolean): Promise<Answer> {
    const { dispatchers, clock, timeouts, userAgent } = this.#options;
    const isData = request.purpose === 'data';
    // Only `identity`: Glance's gzip middleware acts on the mere word gzip, and image data must arrive unchanged.
    const headers = new Map([
      ['accept', request.accept],
      ['accept-encoding', 'identity'],
      ['user-agent', userAgent],
    ]);
    // Credentials are sent to the origin they are meant for, but not when a redirect returns there.
    if (isHome && request.token !== null) headers.set('x-auth-token', request.token);
    if (isHome) for (const [name, value] of request.extraHeaders ?? []) headers.set(name, value);
    if (typeof request.body?.type === 'string') headers.set('content-type', request.body.type);
    if (request.range !== undefined) {
      headers.set('range', `bytes=${String(request.range.first)}-${String(request.range.last)}`);
    }
    if (isHome) for (const [name, value] of (await request.sign?.()) ?? []) headers.set(name, value);
    const route = await dispatchers.route(url);
    enterSigned(this.secrets, headers);
    enterSent(this.secrets, request, url, route.proxy?.authorization ?? null);
    this.#tellWire('request', [`${request.method} ${redactUrl(url)}`, ...redactHeaders(headers)]);
    if (route.proxy !== null && headers.has('x-auth-token')) this.#warnOfProxy(url, route.proxy.url);
    const answer = await exchange(route, clock, {
      method: request.method,
      url,
      headers,
      body: request.body?.content ?? null,
      headersTimeoutMs: isData ? timeouts.dataHeadersMs : timeouts.headersMs,
      stallTimeoutMs: timeouts.stallMs,
      // Not reused once image data has arrived: one tenant's surplus bytes could be a refusal, a redirect or a stall for another's
      // image, and late bytes cannot be told from an answer.
      closeConnection: isData && request.body === undefined,
      signal: request.signal,
      facts: this.#facts(request, url),
      hide: (text) => this.secrets.hide(text),
    });
    this.#answered.add(url.origin);
    enterAnswered(this.secrets, answer.headers);
    this.#tellWire('answer', [String(answer.status), ...redactHeaders(answer.headers)]);
    return answer;
  }

  #tellWire(direction: WireEvent['direction'], lines: readonly string[]): void {
    this.#options.onWire?.({ direction, lines: lines.map((line) => shorten(this.secrets.hideInHeader(line))) });
  }

  /** A proxy reads plain http; over TLS it sees only the host. */
  #warnOfProxy(url: URL, proxy: URL): void {
    if (url.protocol !== 'http:' || this.#warnedProxies.has(proxy.host)) return;
    this.#warnedProxies.add(proxy.host);
    this.#options.onWarn?.(`the proxy ${proxy.host} can see the token: requests to ${url.host} go over plain http`);
  }

  async #check(request: HttpRequest, url: URL, answer: Answer): Promise<HttpAnswer> {
    const { status, headers, body } = answer;
    if ((status >= 200 && status < 300) || request.alsoAccept?.includes(status) === true) {
      return this.#asAnswer(url, answer);
    }
    const requestId = requestIdOf(headers);
    const said = await readStart(body, maxErrorBytes);
    const sentence = plainSentence(headers.get('content-type'), said, reasonOf(status), (text) =>
      this.secrets.hide(text),
    );
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'), this.#options.clock.wallTime());
    const facts = { ...this.#facts(request, url, requestId), retryAfterMs };
    throw statusError(url.host, status, sentence, facts, meantStatus(status, retryAfterMs, said));
  }

  #asAnswer(url: URL, answer: Answer): HttpAnswer {
    const { headers } = answer;
    return { ...answer, headers: hideRepeated(this.secrets, headers), url, requestId: requestIdOf(headers) };
  }

  #facts(request: HttpRequest, url: URL, requestId: string | null = null): ErrorFacts {
    const shown = this.secrets.hideInHeader(redactUrl(url));
    return { method: request.method, url: shown, requestId: requestId ?? undefined };
  }
}

/** OpenStack's name for the request id, or S3's. */
function requestIdOf(headers: HeaderList): string | null {
  return headers.get('x-openstack-request-id') ?? headers.get('x-amz-request-id');
}
