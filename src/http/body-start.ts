// Reads the start of a body, and no more of it.
import type { Readable } from 'node:stream';

/** The first bytes of a body, however long it is. The caller destroys the body. @throws what breaks it */
export async function readAtMost(body: Readable, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let received = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes.set(chunk.subarray(0, length - received), received);
    received = Math.min(length, received + chunk.length);
    if (received === length) break;
  }
  return bytes.subarray(0, received);
}
