// Reads all bytes of an object, and continues where the connection broke.
import { GlanceError, isRetryable } from '../errors.ts';
import { progressThreshold } from '../retry.ts';
import type { StoredObject } from './reading.ts';

/** An object that is read to its end. */
export interface WholeObject extends Omit<StoredObject, 'body'> {
  /** Iterate only once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Closes the connection. Call it in any case. */
  close(): void;
}

/** Opens an object for reading from a given byte on; null if the object is gone. */
export type ReadFrom = (start: number, last: number) => Promise<StoredObject | null>;

/**
 * Makes an object that is read to its end from a first answer.
 * @param retries how many breaks in a row without progress to accept
 */
export function asWhole(first: StoredObject, readFrom: ReadFrom, retries: number): WholeObject {
  const { size, etag } = first;
  let { body } = first;
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    let [position, failures, mark] = [0, 0, 0];
    try {
      for (;;) {
        try {
          for await (const chunk of body as AsyncIterable<Buffer>) {
            position += chunk.length;
            yield chunk;
          }
          return;
        } catch (error) {
          failures = position - mark >= progressThreshold ? 1 : failures + 1;
          mark = position;
          const mayResume = error instanceof GlanceError && isRetryable(error.code) && failures <= retries;
          if (!mayResume || size === null || position >= size) throw error;
          const rest = await readFrom(position, size - 1);
          if (rest === null) throw error;
          ({ body } = rest);
          // The object was replaced meanwhile.
          if (rest.etag !== etag || rest.size !== size) throw error;
        }
      }
    } finally {
      body.destroy();
    }
  }
  return { size, etag, chunks: read(), close: () => void body.destroy() };
}
