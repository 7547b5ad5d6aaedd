// Copies image data from Glance to an object store: nothing can be read there before all of it is verified.
import { createDigester } from '../digest/digester.ts';
import { expectationOf } from '../digest/promises.ts';
import type { DownloadOptions, DownloadResult } from '../download-options.ts';
import type { DownloadSource } from '../flow/source.ts';
import { BufferedParts } from './buffered-parts.ts';
import type { ObjectTarget } from './object-target.ts';
import type { PartMemory } from './part-memory.ts';
import type { PartSink } from './part-sink.ts';
import { partSizes } from './part-sizes.ts';
import { passImage } from './pass-image.ts';
import { StreamedParts } from './streamed-parts.ts';

/**
 * Sends an image to a store. After a failure the store has no readable object; parts already sent are kept if resuming
 * makes sense, and the next call compares them instead of sending them again.
 * @param memory shared by all uploads of a run
 * @param sizes how to split an image into parts
 * @throws IntegrityError, SizeError; GlanceError `place.*`, what the source fails with; the signal's reason
 */
export async function uploadImage(
  source: DownloadSource,
  target: ObjectTarget,
  memory: PartMemory,
  options: DownloadOptions,
  sizes: typeof partSizes = partSizes,
): Promise<DownloadResult> {
  const openSink = (now: DownloadSource): PartSink => {
    const { clock, retry, signal } = options;
    const total = now.image.size;
    const { bytes: partBytes, isStreamed } = sizes(total, target.mostParts);
    const digester = createDigester(['md5'], expectationOf(now).size);
    return total !== null && isStreamed
      ? new StreamedParts({ source: now, target, partBytes, total, digester, clock, retry, signal })
      : new BufferedParts({ target, partBytes, total, memory, digester, signal });
  };
  return await passImage(source, target.name, openSink, options);
}
