// The memory shared by all uploads of a run: buffers for parts, handed out in turn when all are in use.

const budgetBytes = 24 * 1024 * 1024;

interface Waiting {
  readonly bytes: number;
  readonly resolve: (buffer: Buffer) => void;
}

/** Hands out buffers for whole parts, in the order of the requests. */
export class PartMemory {
  readonly #free: Buffer[] = [];
  readonly #waiting: Waiting[] = [];
  /** Bytes allocated, whether in use or free. */
  #made = 0;
  readonly #budget: number;

  /** @param budget bytes of all buffers together; a single buffer is always allowed */
  constructor(budget: number = budgetBytes) {
    this.#budget = budget;
  }

  /** Shared memory, so that digest threads read it in place; it still contains bytes from earlier use. */
  acquire(bytes: number): Promise<Buffer> {
    const buffer = this.#waiting.length === 0 ? this.#take(bytes) : null;
    if (buffer !== null) return Promise.resolve(buffer);
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
    });
  }

  /** Returns a buffer that nobody reads any more. */
  release(buffer: Buffer): void {
    this.#free.push(buffer);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const found = this.#take(next.bytes);
      if (found === null) return;
      this.#waiting.shift();
      next.resolve(found);
    }
  }

  #take(bytes: number): Buffer | null {
    const index = this.#free.findIndex(({ length }) => length === bytes);
    if (index >= 0) return this.#free.splice(index, 1)[0] ?? null;
    // Free buffers of other sizes make room.
    while (this.#made + bytes > this.#budget && this.#free.length > 0) this.#made -= this.#free.shift()?.length ?? 0;
    if (this.#made > 0 && this.#made + bytes > this.#budget) return null;
    this.#made += bytes;
    return Buffer.from(new SharedArrayBuffer(bytes));
  }
}
