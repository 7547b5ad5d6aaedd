// Connections to Redis, and its errors as ours.
import type { Redis } from 'ioredis';
import { GlanceError } from '../../errors.ts';
import type { QueueAddress } from '../queue-url.ts';
import type { QueuePackages } from './packages.ts';

export interface RedisSettings {
  readonly address: QueueAddress;
  /** PEM of the authorities to trust; null: the system's defaults. */
  readonly ca: string | null;
  /** Longest wait for an answer, milliseconds; 0: no limit. */
  readonly timeoutMs: number;
}

const connectTimeoutMs = 10_000;
const mostDelayMs = 2000;
/** The longest that BullMQ lets Redis hold back a response until there is something to report. */
const longestBlockMs = 10_000;

/** @param waits whether commands wait for a connection while there is none, as workers need, or fail */
export function openRedis(
  { Redis: Client }: QueuePackages,
  { address, ca, timeoutMs }: RedisSettings,
  waits: boolean,
): Redis {
  const { host, port, database, isTls, username, password } = address;
  const options = {
    host,
    port,
    db: database,
    connectTimeout: connectTimeoutMs,
    lazyConnect: !waits,
    maxRetriesPerRequest: waits ? null : 3,
    enableReadyCheck: true,
    // Workers wait for work as long as there is none: a Redis that is silent for longer is connected to anew.
    ...(timeoutMs === 0 ? {} : waits ? { socketTimeout: longestBlockMs + timeoutMs } : { commandTimeout: timeoutMs }),
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), mostDelayMs),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  };
  if (!isTls) return new Client(options);
  return new Client({ ...options, tls: ca === null ? {} : { ca } });
}

/** Converts an error from Redis or its connection. @param shown the queue's address without a password */
export function toQueueError(error: unknown, shown: string): GlanceError {
  if (error instanceof GlanceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:NOAUTH|WRONGPASS|NOPERM)\b|invalid (?:username|password)/i.test(text.slice(0, 200))) {
    return new GlanceError('queue.denied', `${shown}: it refuses the login`, {
      hint: 'check user and password of the queue',
      cause: error,
    });
  }
  if (errno === 'ENOTFOUND') {
    return new GlanceError('queue.missing', `${shown}: there is no such host`, {
      hint: 'check the address',
      cause: error,
    });
  }
  if (/^ERR (?:DB index|invalid DB)/i.test(text.slice(0, 200))) {
    return new GlanceError('queue.missing', `${shown}: it has no such database`, { cause: error });
  }
  const isSilent = /^(?:Socket timeout|Command timed out)\b/.test(text);
  const why = isSilent ? 'it does not answer' : errno === '' ? text.slice(0, 200) : errno;
  return new GlanceError('queue.unavailable', `${shown}: it cannot be reached (${why})`, {
    hint: 'what is in the place stays; run the same command again',
    cause: error,
  });
}

/**
 * Connects, and makes sure that Redis keeps what is stored in it.
 * @throws GlanceError `queue.*`; `config.invalid` for a Redis that evicts
 */
export async function checkRedis(redis: Redis, shown: string): Promise<void> {
  let policy: string;
  try {
    await connectOnce(redis);
    const memory = await redis.info('memory');
    policy = /^maxmemory_policy:([a-z-]{1,40})\r?$/m.exec(memory.slice(0, 65_536))?.[1] ?? 'noeviction';
  } catch (error) {
    throw toQueueError(error, shown);
  }
  if (policy === 'noeviction') return;
  throw new GlanceError('config.invalid', `${shown}: it may evict jobs (maxmemory-policy ${policy})`, {
    hint: 'set maxmemory-policy noeviction there',
  });
}

/** The first connection fails at once, since there may be no server; later ones reconnect by themselves. */
async function connectOnce(redis: Redis): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => {
    redis.once('error', reject);
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([redis.connect(), failed]);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}
