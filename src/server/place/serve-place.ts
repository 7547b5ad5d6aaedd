// Serves a place as a Glance: opens everything that this needs, and closes it again.
import { type Clock, sleep } from '../../clock.ts';
import type { Connection } from '../../client/connection.ts';
import type { StoreOptions } from '../../client/places/open-store.ts';
import { parsePlace, type PlaceName } from '../../client/places/place-name.ts';
import { GlanceError } from '../../errors.ts';
import { type AccessRecord, type FailureRecord, checkAddress, type RunningServer, startServer } from '../app.ts';
import { type OpenCatalog, openCatalog } from './open-catalog.ts';
import { openPages } from './open-pages.ts';

/** How a place is served. */
export interface ServePlaceOptions extends StoreOptions {
  /** IP address or host name to listen on. Absent: `127.0.0.1`, for this machine alone. */
  readonly host?: string | undefined;
  /** Port to listen on, 0 to 65535; 0 picks a free one. Absent: 9292. */
  readonly port?: number | undefined;
  /** `glance`: answers as a Glance does. `document`: as the examples of the v1 specification, without v2. Absent: `glance`. */
  readonly v1Style?: 'glance' | 'document' | undefined;
  /** The token that requests have to carry as `X-Auth-Token`, one line of printable characters. Absent: none is required. */
  readonly token?: string | undefined;
  /**
   * Whether browsers get pages, for which each image is inspected in the background. If a token is required, and with the style
   * `document`, there are none. Absent: true.
   */
  readonly pages?: boolean | undefined;
  /** Rewords the advice on pages for its reader. Absent: options have their names in the library. */
  readonly wordAdvice?: ((advice: string) => string) | undefined;
  /** Called with each request, once its answer has ended or its connection is gone. Must not throw. */
  readonly onRequest?: ((record: AccessRecord) => void) | undefined;
  /** Called with each request that could not be answered, or not to its end, and why. Must not throw. */
  readonly onFailure?: ((record: FailureRecord) => void) | undefined;
}

/** A place that is served. */
export interface ServedPlace {
  /** The URL of the Glance, with the port that was chosen and a slash at the end. */
  readonly url: URL;
  /**
   * Accepts no more connections, gives answers in progress half a minute, then stops all work and closes everything. May be
   * called any number of times; each call waits for the end.
   */
  readonly close: () => Promise<void>;
}

const defaultPort = 9292;

/** How long to hold back the URL while digests are computed, so that a small directory is ready when the URL appears. */
const digestWaitMs = 2000;

/** Something that was opened. */
type Opened = Pick<ServedPlace, 'close'>;

/**
 * Serves a directory of images, or a mirror in a bucket, as a read-only Glance. Resolves once it listens; if that fails, everything
 * that was opened is closed first.
 * @param connection need not lead to a Glance; gets the warnings
 * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
 * @param options.signal ends starting; what is already served continues until it is closed
 * @throws GlanceError `usage.argument` for a URL of another kind; `usage.option` for an invalid host, port or token; `io.port` if the
 * address cannot be used; what {@link openCatalog} throws; the signal's reason
 */
export async function servePlace(
  connection: Connection,
  place: string,
  options: ServePlaceOptions & { readonly signal: AbortSignal },
): Promise<ServedPlace> {
  const named = parsePlace(place, connection.system.cwd);
  checkAddress(options.host, options.port ?? defaultPort);
  const token = checkToken(options.token);
  // Requests register the token that they send, but this one is never sent; clients may still put it into a path that is logged.
  connection.secrets.addToken(token);
  const opened: Opened[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll(opened));
  try {
    const { url } = await start(connection, named, { ...options, token }, opened);
    options.signal.throwIfAborted();
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface StartOptions extends Omit<ServePlaceOptions, 'token'> {
  readonly token: string | null;
  readonly signal: AbortSignal;
}

/** @param opened gets everything that has to be closed, as soon as it is open */
async function start(
  connection: Connection,
  named: PlaceName,
  options: StartOptions,
  opened: Opened[],
): Promise<RunningServer> {
  const { host, port = defaultPort, v1Style = 'glance', token, signal } = options;
  const { pages: mayHavePages = true, wordAdvice = (advice: string): string => advice } = options;
  const { clock } = connection.system;
  const open = await openCatalog(connection, named, options, signal);
  opened.push(open);
  await waitForDigests(open, clock, signal);
  const hasPages = token === null && mayHavePages && v1Style === 'glance';
  const pages = hasPages ? await openPages(connection, named, open, wordAdvice) : null;
  if (pages !== null) opened.push(pages);
  const server = await startServer({
    catalog: open.catalog,
    host,
    port,
    style: v1Style,
    ranges: true,
    token,
    pages: pages?.answer ?? null,
    clock,
    ...listenersOf(connection, options),
  });
  opened.push(server);
  return server;
}

/** @throws the signal's reason */
async function waitForDigests({ digested }: OpenCatalog, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([digested(), sleep(clock, digestWaitMs, AbortSignal.any([signal, over.signal]))]);
  } finally {
    over.abort();
  }
}

/** What is told to the owner of the connection, without secrets. */
function listenersOf(
  connection: Connection,
  { onRequest, onFailure }: Pick<ServePlaceOptions, 'onRequest' | 'onFailure'>,
) {
  const { secrets } = connection;
  return {
    onRequest: (record: AccessRecord): void => onRequest?.({ ...record, path: secrets.hide(record.path) }),
    onFailure: (record: FailureRecord): void =>
      onFailure?.({ ...record, path: secrets.hide(record.path), error: secrets.hideInError(record.error) }),
    onTrouble: (error: Error): void => connection.warn(`no connection can be accepted: ${error.message}`),
  };
}

/** An empty token would be no protection: a request without any is taken to carry it. */
function checkToken(token: string | undefined): string | null {
  if (token === undefined) return null;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new GlanceError('usage.option', 'the token is not one line of printable characters');
}

/** Closes what was opened last first; whatever fails to close, the others are closed. */
async function closeAll(opened: Opened[]): Promise<void> {
  const last = opened.pop();
  if (last === undefined) return;
  try {
    await last.close();
  } finally {
    await closeAll(opened);
  }
}
