// Reads bytes from anywhere within an image in Glance.
import type { Readable } from 'node:stream';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import { readAtMost } from '../../http/body-start.ts';

/** Bytes from `start` to `end`, fewer if the data ends sooner; null if the store does not support ranges. */
export async function readRange(
  service: ImageService,
  image: Image,
  range: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  let body: Readable | null = null;
  try {
    const opened = await service.data(image, range, signal);
    body = opened.body;
    return opened.start === range.start ? await readAtMost(opened.body, range.end - range.start) : null;
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'http.range') return null;
    throw error;
  } finally {
    body?.destroy();
  }
}
