// Receives a browser's login on this machine: one form, which a page of Keystone's posts to a fixed address. No part of it is
// logged, and any other request is refused.
// See https://docs.openstack.org/keystone/latest/admin/federation/configure_federation.html (sso_callback_template)
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { type Expected, judgeBody, judgeHead, maxFormBytes } from './form.ts';
import { answerPage, type Outcome } from './page.ts';

/** This machine only, with both kinds of address: the browser decides which of them `localhost` is. */
const loopback = ['127.0.0.1', '::1'] as const;
const waitMinutes = 5;
const mostConnections = 32;

/** How long a sender may take, in milliseconds, and how many bytes the head of its request may have. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
};

interface CallbackOptions {
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
  /** Origin of the page that sends the form. */
  readonly keystone: URL;
}

/** A form that was accepted. */
interface Received {
  readonly token: string;
  /** Tells the person at the browser whether the login succeeded. Resolves once that is sent. */
  readonly reply: (isGood: boolean) => Promise<void>;
}

/** Waits for a browser at one address. */
export class Callback {
  /** The address that Keystone must list among its trusted dashboards. */
  readonly url: string;
  readonly #expected: Expected;
  readonly #servers: Server[] = [];
  #take: ((received: Received) => void) | null = null;

  private constructor({ port, path, keystone }: CallbackOptions) {
    const url = new URL(`http://localhost:${String(port)}${path}`);
    this.url = url.href;
    this.#expected = { host: url.host, path: url.pathname, keystone };
  }

  /** Starts to listen. @throws GlanceError `io.port` if the port cannot be used */
  static async open(options: CallbackOptions): Promise<Callback> {
    const callback = new Callback(options);
    try {
      for (const host of loopback) {
        const server = createServer(limits, (request, response) => callback.#answer(request, response));
        server.maxConnections = mostConnections;
        if (await listen(server, host, options.port)) callback.#servers.push(server);
      }
    } catch (error) {
      await callback.close();
      throw error;
    }
    return callback;
  }

  /**
   * Waits for the form. Only one is accepted.
   * @throws GlanceError `auth.failed` if none comes within five minutes; the signal's reason
   */
  async receive(clock: Clock, signal: AbortSignal): Promise<Received> {
    const done = new AbortController();
    const received = new Promise<Received>((resolve) => {
      this.#take = resolve;
    });
    const late = sleep(clock, waitMinutes * 60_000, AbortSignal.any([signal, done.signal])).then(() => {
      throw tooLate();
    });
    try {
      return await Promise.race([received, late]);
    } finally {
      this.#take = null;
      done.abort();
    }
  }

  /** Stops listening, and closes every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map(closeServer));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = judgeHead(request, this.#expected);
    if (refusal !== null) {
      send(response, refusal);
      return;
    }
    readBody(request, (body) => {
      const verdict = body === null ? 413 : judgeBody(body);
      if (typeof verdict === 'number') send(response, verdict);
      else if (this.#take === null) send(response, 409);
      else this.#give(verdict.token, response);
    });
  }

  /** Accepts the form; any later one is refused. */
  #give(token: string, response: ServerResponse): void {
    const take = this.#take;
    this.#take = null;
    const reply = (isGood: boolean): Promise<void> =>
      new Promise((resolve) => {
        // If the browser has gone, there is nobody to tell.
        if (response.destroyed) resolve();
        response.once('close', resolve);
        send(response, isGood ? 'done' : 'refused');
      });
    take?.({ token, reply });
  }
}

/** @param onBody gets null for a body that is too long; not called if the sender hangs up before the end */
function readBody(request: IncomingMessage, onBody: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxFormBytes) chunks.push(chunk);
    else if (bytes - chunk.length <= maxFormBytes) onBody(null);
  });
  request.on('end', () => {
    if (bytes <= maxFormBytes) onBody(Buffer.concat(chunks).toString('utf8'));
  });
}

function send(response: ServerResponse, outcome: Outcome): void {
  const { status, headers, body } = answerPage(outcome);
  response.writeHead(status, headers);
  // Unread parts of the request's body would keep the connection open.
  response.end(body, () => response.req.destroy());
}

/** @returns false if this machine has no address of that kind @throws GlanceError `io.port` */
function listen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (host === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errnoOf(error))) resolve(false);
      else reject(noPort(error, host, port));
    });
    server.listen({ port, host, ipv6Only: true }, () => {
      server.on('error', () => undefined);
      resolve(true);
    });
  });
}

function noPort(error: Error, host: string, port: number): GlanceError {
  const where = `port ${String(port)} of ${host}, where the browser is to answer,`;
  const isTaken = errnoOf(error) === 'EADDRINUSE';
  const why = isTaken ? 'is in use' : `cannot be opened: ${errnoOf(error)}`;
  return new GlanceError('io.port', `${where} ${why}`, {
    hint:
      `${isTaken ? 'another login may be waiting there: end it; or ' : ''}set OS_REDIRECT_PORT, or redirect_port in ` +
      'clouds.yaml, to another port that Keystone trusts',
    cause: error,
  });
}

function tooLate(): GlanceError {
  return new GlanceError('auth.failed', `no browser answered within ${String(waitMinutes)} minutes`, {
    hint: 'run the same command again; the browser has to run on this machine, and Keystone to trust that address',
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
