// All bytes of an object that is read: what breaks off in between is asked for once more from there.
import { GlanceError, isRetryable } from '../errors.ts';
import { progressThreshold } from '../retry.ts';
import type { StoredObject } from './reading.ts';

/** An object that is read to its end. */
export interface WholeObject extends Omit<StoredObject, 'body'> {
  /** To be read once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Hangs up. To be called in any case. */
  close(): void;
}

/** Gives what there is of the object from a byte on; null if it is gone. */
export type ReadFrom = (start: number, last: number) => Promise<StoredObject | null>;

/**
 * The object of an answer as one that is read to its end.
 * @param retries breaks in a row without progress that are put up with
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
          // Other data has come in its place meanwhile.
          if (rest.etag !== etag || rest.size !== size) throw error;
        }
      }
    } finally {
      body.destroy();
    }
  }
  return { size, etag, chunks: read(), close: () => void body.destroy() };
}
