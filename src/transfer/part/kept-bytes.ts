// Reads again what an earlier run left, before resuming from it.
import type { Clock } from '../../clock.ts';
import type { BufferPool } from '../flow/buffers.ts';
import type { TransferListener } from '../flow/events.ts';
import type { FrontierDigest } from '../digest/frontier.ts';
import { createKeptMeter } from '../flow/meter.ts';
import type { PartFile } from './part-file.ts';

/**
 * Reads the kept data again: damaged parts are removed, and the digest continues from there.
 * @throws GlanceError `io.*`; the signal's reason
 */
export async function checkKept(
  part: PartFile,
  digest: FrontierDigest,
  buffers: BufferPool,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly listen: TransferListener },
): Promise<void> {
  const { listen, clock, signal } = options;
  const total = part.bytes;
  if (total === 0) return;
  let checked = 0;
  const buffer = await buffers.acquire();
  const tell = createKeptMeter('check', clock, total, listen);
  const isSound = await part.check(buffer, async (position, bytes) => {
    signal.throwIfAborted();
    await digest.offer(position, bytes);
    checked += bytes.length;
    tell(checked);
  });
  buffers.release(buffer);
  if (isSound) return;
  const message = 'part of an earlier, unfinished download is damaged; that part is fetched again';
  listen({ event: 'restart', code: 'io.damaged', message });
  digest.forgetFrom(0);
}
