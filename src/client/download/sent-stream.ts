// Turns a function that writes to a stream into a stream to read from.
import { PassThrough, type Readable, type Writable } from 'node:stream';

/**
 * A stream of what is sent: it ends, or fails, when the sending does. Destroying it stops the sending.
 * @param interruption stops it as well
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
