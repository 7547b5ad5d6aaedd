// `serve` as a program uses it. As in client/standalone.ts, surroundings that the caller does not name are chosen at this edge.
import { listenForAbort } from '../clock.ts';
import type { ConnectOptions } from '../client/connect-options.ts';
import { explaining } from '../client/explaining.ts';
import { openConnection } from '../client/standalone.ts';
import type { System } from '../client/system.ts';
import type { ServedPlace, ServePlaceOptions } from './place/serve-place.ts';

/** How to serve a place, and for how long. */
export interface ServeOptions extends ServePlaceOptions {
  /** Ends starting, which then fails with the signal's reason; later it ends serving, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How a bucket is reached: keys (`env`), proxies, time limits, retries. And, for every kind of place, who gets the warnings:
   * `onWarning`. Absent: no variables are read, and nobody is warned.
   */
  readonly connect?: ConnectOptions;
  /** Where relative paths start, and the clock. Absent: those of this machine. */
  readonly system?: Pick<System, 'cwd' | 'clock'>;
}

/**
 * Serves a directory of images, or a mirror in a bucket, as a read-only Glance with API v1 and v2. Resolves once it listens. A
 * directory first gets up to two seconds, so that digests of small images are known by then. It serves, and keeps the process alive,
 * until `close()` or the signal. Changes of the place show up by themselves. Computed digests, and reports for pages, are kept
 * in the directory, in `.glance-cli-digests.json` and `.glance-cli-reports.txt`. Nothing is written to a bucket.
 * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
 * @returns where it listens, and how to end it
 * @throws GlanceError `usage.argument` for a URL of another kind; `usage.option` for an invalid host, port or token;
 * `io.port` if the address cannot be used; `io.*`, `place.*` if the place cannot be read; `metadata.invalid` for the broken index of
 * a mirror; the signal's reason. Everything that was opened is closed then
 */
export async function serve(place: string, options: ServeOptions = {}): Promise<ServedPlace> {
  const connection = openConnection(options);
  const { interruption } = connection;
  const signal = options.signal === undefined ? interruption : AbortSignal.any([interruption, options.signal]);
  let served: ServedPlace;
  try {
    const { servePlace } = await import('./place/serve-place.ts');
    served = await explaining(connection, () => servePlace(connection, place, { ...options, signal }));
  } catch (error) {
    await connection.close();
    throw error;
  }
  return untilAborted(signal, served.url, async () => {
    try {
      await served.close();
    } finally {
      await connection.close();
    }
  });
}

/** What is served, closed by the signal or by its owner, whoever comes first. */
function untilAborted(signal: AbortSignal, url: URL, end: () => Promise<void>): ServedPlace {
  let closing: Promise<void> | undefined;
  let unlisten = (): void => undefined;
  const close = (): Promise<void> => {
    unlisten();
    return (closing ??= end());
  };
  // Whoever wants to know how it ended calls `close`.
  const onAbort = (): void => void close().catch(() => undefined);
  if (signal.aborted) onAbort();
  else unlisten = listenForAbort(signal, onAbort);
  return { url, close };
}
