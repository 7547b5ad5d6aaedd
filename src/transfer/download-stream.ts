// Image data from a Glance to a stream, verified as it passes.
import type { Writable } from 'node:stream';
import { toSeconds } from '../clock.ts';
import { GlanceError, replaceFacts } from '../errors.ts';
import type { DownloadOptions, DownloadResult } from './download-options.ts';
import { RateLimit } from './flow/rate-limit.ts';
import type { DownloadSource } from './flow/source.ts';
import { StreamSink } from './stream-sink.ts';
import { StreamTransfer } from './stream-transfer.ts';

const badPipeHint = 'its reader has received bad data: discard what it made of that';

/**
 * Downloads to a stream, verified as it passes: a mismatch shows only at the end, when the reader already has the bytes.
 * @param streamName for messages
 * @throws as `downloadToFile`, and GlanceError `pipe.closed`
 */
export async function downloadToStream(
  source: DownloadSource,
  stream: Writable,
  streamName: string,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const { clock, listen, signal } = options;
  const startedAt = clock.monotonic();
  const sink = new StreamSink(stream, streamName);
  const transfer = new StreamTransfer(source, (chunk) => sink.write(chunk, signal), {
    ...options,
    rate: options.rate ?? new RateLimit(clock, null),
    observers: options.observers ?? [],
  });
  try {
    listen({ event: 'start', name: source.name, total: source.image.size, kept: 0 });
    const done = await transfer.run();
    options.approve?.();
    const elapsedMs = clock.monotonic() - startedAt;
    const seconds = toSeconds(elapsedMs);
    listen({ event: 'done', bytes: done.bytes, seconds });
    const bytesPerSecond = elapsedMs > 0 ? (done.bytes * 1000) / elapsedMs : null;
    const { retries } = transfer;
    return { outcome: 'downloaded', path: null, seconds, bytesPerSecond, resumedFrom: 0, retries, ...done };
  } catch (error) {
    listen({ event: 'failed', bytes: sink.bytes, kept: null });
    const isBad = error instanceof GlanceError && sink.bytes > 0 && /^integrity\.(?:digest|excess)$/.test(error.code);
    throw isBad ? replaceFacts(error, { hint: badPipeHint }) : error;
  } finally {
    sink.release();
  }
}
