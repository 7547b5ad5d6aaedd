// The configured Glance for one call, whose signal is not that of the connection.
import type { ImageService } from '../image/service.ts';
import type { Connection } from './connection.ts';

/**
 * The configured Glance. Connecting is for all calls: it continues if this one ends.
 * @throws GlanceError what connecting fails with; the signal's reason
 */
export async function serviceFor(connection: Connection, signal: AbortSignal): Promise<ImageService> {
  signal.throwIfAborted();
  const done = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([connection.service(), aborted]);
  } finally {
    done.abort();
  }
}
