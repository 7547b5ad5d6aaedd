// A few large buffers that go round: filled from the network, written, digested, filled again. Shared memory, so that a
// digest thread reads them where they are.

/** Bytes in a buffer: smaller ones cost more messages than they save, larger ones fall out of the processor's cache. */
export const bufferBytes = 1024 * 1024;

/** As many as this many images that are worked on at once leave behind, if they are small. */
const mostSpare = 16;

/** Buffers of pools that were closed, for those that come next. */
const spare: Buffer[] = [];
let keepers = 0;

/** From now on the buffers of one image stay for the next. @returns ends that; to be called once */
export function keepBuffers(): () => void {
  keepers++;
  return () => {
    keepers--;
    if (keepers === 0) spare.length = 0;
  };
}

/** Hands out buffers and waits while all are in use. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];
  #unmade: number;
  readonly #size: number;

  /** @param count buffers there may be at once, ≥ 1 */
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

  /** An empty buffer; its bytes are left over from earlier use. Must be given back by {@link release}. */
  acquire(): Promise<Buffer> {
    const free = this.acquireNow();
    if (free !== null) return Promise.resolve(free);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Gives a buffer back that nobody reads any more. */
  release(buffer: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(buffer);
    else next(buffer);
  }

  /** Nobody acquires any more; what is free may be of use to others. */
  close(): void {
    if (keepers === 0 || this.#size !== bufferBytes) return;
    spare.push(...this.#free.splice(0, mostSpare - spare.length));
  }
}
