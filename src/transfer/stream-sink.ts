// Image data into a pipe or another stream that may be slow, full, or closed by its reader.
import type { Writable } from 'node:stream';
import { listenForAbort } from '../clock.ts';
import { GlanceError } from '../errors.ts';
import { toIoError } from './files/io-error.ts';

/** Writes to a stream that stays open afterwards, and turns its failures into GlanceErrors. */
export class StreamSink {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
  };
  #failure: Error | null = null;
  #bytes = 0;

  /** @param name of the stream, for messages */
  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', this.#onError);
  }

  /** Bytes handed to the stream. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Passes a chunk on and waits until the stream wants more.
   * @throws GlanceError `pipe.closed` if the reader hung up; `io.*`; the signal's reason
   */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    await this.#settle(signal, (done) => this.#stream.write(chunk, done));
  }

  /** Stops listening to the stream. */
  release(): void {
    this.#stream.off('error', this.#onError);
  }

  #settle(signal: AbortSignal, start: (done: (error?: Error | null) => void) => void): Promise<void> {
    signal.throwIfAborted();
    if (this.#failure !== null) throw this.#explain(this.#failure);
    return new Promise((resolve, reject) => {
      const unlisten = listenForAbort(signal, () => reject(signal.reason as Error));
      start((error) => {
        unlisten();
        if (error) reject(this.#explain(error));
        else resolve();
      });
    });
  }

  #explain(error: Error): GlanceError {
    const errno = 'code' in error ? error.code : undefined;
    // The stream was destroyed before we wrote to it: report the original reason.
    const earlier = errno === 'ERR_STREAM_DESTROYED' ? this.#stream.errored : null;
    if (earlier !== null && earlier !== error) return this.#explain(earlier);
    if (errno === 'EPIPE' || errno === 'ERR_STREAM_DESTROYED') {
      return new GlanceError('pipe.closed', `${this.#name}: its reader closed it`, { cause: error });
    }
    return toIoError(error, this.#name);
  }
}
