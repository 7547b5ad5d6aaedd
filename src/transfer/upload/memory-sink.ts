// A sink for small images.
import { BufferPool } from '../flow/buffers.ts';
import type { PartSink } from './part-sink.ts';

/** Holds an image in memory until it is verified. */
export class MemorySink implements PartSink {
  readonly upload = null;
  readonly skippedBytes = 0;
  readonly copies = true;
  readonly #store: (bytes: Uint8Array) => Promise<void>;
  readonly #buffers = new BufferPool(1);
  readonly #buffer: Buffer;
  #filled = 0;
  #isHeld = true;

  /**
   * @param store receives the whole image, which is no larger than one buffer of a {@link BufferPool}; called once it is
   * verified
   */
  constructor(store: (bytes: Uint8Array) => Promise<void>) {
    this.#store = store;
    this.#buffer = this.#buffers.acquireNow() ?? Buffer.alloc(0);
  }

  async write(chunk: Uint8Array): Promise<void> {
    // `set` goes word by word into shared memory.
    this.#buffer.fill(chunk, this.#filled, this.#filled + chunk.length);
    this.#filled += chunk.length;
  }

  async end(): Promise<void> {
    // Everything is here.
  }

  async commit(): Promise<void> {
    await this.#store(this.#buffer.subarray(0, this.#filled));
  }

  async settle(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#buffers.release(this.#buffer);
    this.#buffers.close();
  }
}
