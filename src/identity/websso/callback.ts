// The answer of a browser to a login, received on this machine: one form, which a page of Keystone's posts to a fixed address.
// Nothing of it is logged, and whoever else comes is turned away.
// See https://docs.openstack.org/keystone/latest/admin/federation/configure_federation.html (sso_callback_template)
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import { errnoOf } from '../../local/errno.ts';
import { type Expected, judgeBody, judgeHead, maxFormBytes } from './form.ts';
import { answerPage, type Outcome } from './page.ts';

/** This machine alone, by either kind of address: which of them `localhost` is, is the browser's choice. */
const loopback = ['127.0.0.1', '::1'] as const;
const waitMinutes = 5;
const mostConnections = 32;

/** What a sender may take, milliseconds, and the bytes that the head of its request may have. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
};

export interface CallbackOptions {
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
  /** The form comes from a page of this origin. */
  readonly keystone: URL;
}

/** A form that was taken. */
export interface Received {
  readonly token: string;
  /** Tells the person in front of the browser whether it was any good. Resolves once that is sent. */
  readonly reply: (isGood: boolean) => Promise<void>;
}

/** A place where a browser may answer. */
export class Callback {
  /** As Keystone has to have it among its trusted dashboards. */
  readonly url: string;
  readonly #expected: Expected;
  readonly #servers: Server[] = [];
  #take: ((received: Received) => void) | null = null;

  private constructor({ port, path, keystone }: CallbackOptions) {
    const url = new URL(`http://localhost:${String(port)}${path}`);
    this.url = url.href;
    this.#expected = { host: url.host, path: url.pathname, keystone };
  }

  /** Begins to listen. @throws GlanceError `io.port` if the port cannot be had */
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
   * The one form that is taken.
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

  /** Ends listening, and every connection. */
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

  /** From now on every other form is one too many. */
  #give(token: string, response: ServerResponse): void {
    const take = this.#take;
    this.#take = null;
    const reply = (isGood: boolean): Promise<void> =>
      new Promise((resolve) => {
        // A browser that has gone is told nothing.
        if (response.destroyed) resolve();
        response.once('close', resolve);
        send(response, isGood ? 'done' : 'refused');
      });
    take?.({ token, reply });
  }
}

/** @param onBody null for more than a form may have; not called if the sender goes before the end */
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
  // A body that is not taken would keep the connection.
  response.end(body, () => response.req.destroy());
}

/** @returns false where this machine has no address of that kind @throws GlanceError `io.port` */
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
