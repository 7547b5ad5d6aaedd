// Bytes from anywhere within an image of a Glance.
import type { Readable } from 'node:stream';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';

/** Bytes from `start` to `end`, fewer where the data ends sooner; null where the store has no ranges. */
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

/** The first bytes of a body, whatever it has more. */
async function readAtMost(body: Readable, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let received = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes.set(chunk.subarray(0, length - received), received);
    received = Math.min(length, received + chunk.length);
    if (received === length) break;
  }
  return bytes.subarray(0, received);
}
