// Writes results to stdout. All results go through here, so that none is lost silently.
import type { Writable } from 'node:stream';
import { StreamSink } from '../../client/stream-sink.ts';
import { GlanceError } from '../../errors.ts';
import type { Runtime } from '../runtime.ts';

type Output = Pick<Runtime, 'stdout' | 'isStdoutClosed' | 'signal'>;

/**
 * Writes a result, and waits until it is taken. If the reader hung up, as `head` does, it has seen enough: no error.
 * @throws GlanceError `io.closed` if there is no stdout, `io.nospace`, `io.error`; the signal's reason
 */
export async function printResult(output: Output, chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
  if (output.isStdoutClosed()) {
    throw new GlanceError('io.closed', 'standard output is closed: the result would be lost', {
      hint: 'to do without it, send it to /dev/null',
    });
  }
  await writeTo(output.stdout, chunks, output.signal);
}

/** Writes to a stream that a reader may close, like {@link printResult}. */
export async function writeTo(
  stream: Writable,
  chunks: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const sink = new StreamSink(stream, 'standard output');
  try {
    for await (const chunk of chunks) await sink.write(Buffer.from(chunk), signal);
  } catch (error) {
    if (!(error instanceof GlanceError && error.code === 'pipe.closed')) throw error;
  } finally {
    sink.release();
  }
}
