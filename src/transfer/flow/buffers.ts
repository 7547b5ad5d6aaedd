// A few large buffers in circulation: filled from the network, written, digested, and filled again. They are shared
// memory, so that digest threads read them in place.

/** Size of a buffer: smaller ones cost more messages than they save, larger ones fall out of the processor's cache. */
export const bufferBytes = 1024 * 1024;

/** Enough for the buffers that this many small images in progress leave behind. */
const mostSpare = 16;

/** Buffers from closed pools, for new ones to use. */
const spare: Buffer[] = [];
let keepers = 0;

/** From now on, buffers of one image are kept for the next. @returns a function that ends this; call it once */
export function keepBuffers(): () => void {
  keepers++;
  return () => {
    keepers--;
    if (keepers === 0) spare.length = 0;
  };
}

/** Hands out buffers, and makes callers wait while all are in use. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];
  #unmade: number;
  readonly #size: number;

  /** @param count maximum number of buffers at once, ≥ 1 */
  constructor(count: number, size: number = bufferBytes) {
    this.#unmade = count;
    this.#size = size;
  }

  /** {@link acquire} without waiting; null if all are in use. */
  acquireNow(): Buffer | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#unmade === 0) return null;
    this.#unmade--;
    const kept = this.#size === bufferBytes ? spare.pop() : undefined;
    return kept ?? Buffer.from(new SharedArrayBuffer(this.#size));
  }

  /** A free buffer; it still contains bytes from earlier use. Must be returned with {@link release}. */
  acquire(): Promise<Buffer> {
    const free = this.acquireNow();
    if (free !== null) return Promise.resolve(free);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Returns a buffer that nobody reads any more. */
  release(buffer: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(buffer);
    else next(buffer);
  }

  /** Call when nobody acquires any more; free buffers may be reused by others. */
  close(): void {
    if (keepers === 0 || this.#size !== bufferBytes) return;
    spare.push(...this.#free.splice(0, mostSpare - spare.length));
  }
}
