// The address of a queue. Pure.
import { GlanceError } from '../errors.ts';

/** The parts of a queue's address. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  /** Number of the database. */
  readonly database: number;
  readonly isTls: boolean;
  /** Null for the default user. */
  readonly username: string | null;
  readonly password: string | null;
  /** Name of the queue within the database. */
  readonly queue: string;
  /** For display: without the password. */
  readonly shown: string;
}

const defaultPort = 6379;
const defaultQueue = 'mirror';
const hint = 'write redis://[USER:PASSWORD@]HOST[:PORT][/DB][#NAME]; rediss:// for TLS';

/**
 * Parses an address.
 * @throws GlanceError `usage.option` if it is not an address, or of an unsupported kind
 */
export function parseQueueUrl(text: string): QueueAddress {
  const kind = /^([a-z][a-z0-9+.-]{0,40}):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (kind !== 'redis' && kind !== 'rediss') throw notSupported(kind);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw notOne();
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' || host.includes(',')) throw notSupported(`${kind} with several hosts`);
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  const queue = decode(url.hash.slice(1)) || defaultQueue;
  if (database === undefined || url.search !== '' || !/^[A-Za-z0-9._-]{1,100}$/.test(queue)) throw notOne();
  const port = url.port === '' ? defaultPort : Number(url.port);
  const shown = `${kind}://${url.hostname}:${String(port)}/${String(Number(database))}#${queue}`;
  const [username, password] = [decode(url.username) || null, decode(url.password) || null];
  return { host, port, database: Number(database), isTls: kind === 'rediss', username, password, queue, shown };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notOne();
  }
}

/** The text is not quoted, since it may contain a password. */
function notOne(): GlanceError {
  return new GlanceError('usage.option', 'the address of the queue is not a URL', { hint });
}

function notSupported(kind: string | undefined): GlanceError {
  const text =
    kind === undefined ? 'the address of the queue is not a URL' : `queues of the kind ${kind} are not supported`;
  return new GlanceError('usage.option', text, { hint: `${hint}; sentinel and cluster are not supported` });
}
