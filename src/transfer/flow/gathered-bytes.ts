// Gathers small chunks into large buffers, and passes each buffer on once it is full.
import type { BufferPool } from './buffers.ts';

/** The progress of bytes passed on; they must not change before both promises settle. */
export interface Placed {
  /** Resolves when the next bytes may come. */
  readonly written: Promise<void>;
  readonly digested: Promise<void>;
}

/** Takes the bytes of one buffer. */
export type PutBytes = (position: number, bytes: Uint8Array) => Placed;

export class GatheredBytes {
  readonly #buffers: BufferPool;
  readonly #put: PutBytes;
  /** Resolves when the buffers being digested are done; never rejects. */
  #digesting: Promise<void> = Promise.resolve();
  #buffer: Buffer | null = null;
  #filled = 0;
  /** Position of the buffer's first byte. */
  #start: number;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(position: number, buffers: BufferPool, put: PutBytes) {
    this.#start = position;
    this.#buffers = buffers;
    this.#put = put;
  }

  /** The position after the last byte taken. */
  get end(): number {
    return this.#start + this.#filled;
  }

  /** Takes as many bytes as fit without waiting for a buffer. @returns bytes taken */
  addNow(chunk: Uint8Array): number {
    if (this.#failure !== null) return 0;
    let done = 0;
    while (done < chunk.length) {
      const buffer = (this.#buffer ??= this.#buffers.acquireNow());
      if (buffer === null) break;
      done += this.#fill(buffer, chunk.subarray(done));
    }
    return done;
  }

  /** Takes all bytes, waiting while all buffers are in use. @throws what `put` failed with */
  async add(chunk: Uint8Array): Promise<void> {
    let done = 0;
    while (done < chunk.length) {
      if (this.#failure !== null) throw this.#failure;
      const buffer = (this.#buffer ??= await this.#buffers.acquire());
      done += this.#fill(buffer, chunk.subarray(done));
    }
  }

  /** Passes on the rest, and waits until everything is done. @throws what `put` failed with */
  async finish(): Promise<void> {
    if (this.#filled > 0) this.#handOn();
    else if (this.#buffer !== null) this.#buffers.release(this.#buffer);
    this.#buffer = null;
    await this.#writing;
    await this.#digesting;
    if (this.#failure !== null) throw this.#failure;
  }

  #fill(buffer: Buffer, bytes: Uint8Array): number {
    const count = Math.min(bytes.length, buffer.length - this.#filled);
    const end = this.#filled + count;
    // `set` and `copy` go word by word into shared memory, in case threads are looking; `fill` does not, and takes a
    // third of the time.
    buffer.fill(count === bytes.length ? bytes : bytes.subarray(0, count), this.#filled, end);
    this.#filled = end;
    if (this.#filled === buffer.length) this.#handOn();
    return count;
  }

  /** One write at a time: the bytes of the next buffer follow those of this one. */
  #handOn(): void {
    const buffer = this.#buffer;
    if (buffer === null) return;
    const bytes = buffer.subarray(0, this.#filled);
    const position = this.#start;
    this.#buffer = null;
    this.#start += this.#filled;
    this.#filled = 0;
    this.#writing = this.#writing.then(() => this.#place(position, bytes, buffer));
  }

  /** Never rejects: the next call reports a failure. */
  async #place(position: number, bytes: Uint8Array, buffer: Buffer): Promise<void> {
    if (this.#failure !== null) {
      this.#buffers.release(buffer);
      return;
    }
    const { written, digested } = this.#put(position, bytes);
    const placed = this.#settle([written, digested], buffer);
    const before = this.#digesting;
    this.#digesting = before.then(() => placed);
    await Promise.allSettled([written]);
  }

  async #settle(promises: readonly Promise<void>[], buffer: Buffer): Promise<void> {
    for (const outcome of await Promise.allSettled(promises)) {
      if (outcome.status === 'rejected') this.#failure ??= outcome.reason;
    }
    this.#buffers.release(buffer);
  }
}
