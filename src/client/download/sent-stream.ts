// A stream that somebody reads of what is sent.
import { PassThrough, type Readable, type Writable } from 'node:stream';

/**
 * A stream of what is sent, which ends with it, or fails as it does. Closing it ends the sending.
 * @param interruption ends it as well
 */
export function sentStream(
  interruption: AbortSignal,
  send: (stream: Writable, signal: AbortSignal) => Promise<void>,
): Readable {
  const stream = new PassThrough();
  const hangUp = new AbortController();
  stream.once('close', () => hangUp.abort());
  send(stream, AbortSignal.any([interruption, hangUp.signal])).then(
    () => stream.end(),
    (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return stream;
}
