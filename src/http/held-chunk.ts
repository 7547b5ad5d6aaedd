// Holds the part of a body that arrives before anybody reads it, without allocating memory for each large chunk: with
// many small images, the garbage collector would run all the time.

const spareBytes = 256 * 1024;
/** Below this many bytes there is nothing to gain. */
const leastBytes = 32 * 1024;
/** Far more than arrive at once. */
const mostSpare = 8;
const spare: Buffer[] = [];

export class HeldChunk {
  /** A copy. */
  readonly bytes: Buffer;
  readonly #memory: Buffer | null;

  constructor(chunk: Buffer) {
    const isSpared = chunk.length >= leastBytes && chunk.length <= spareBytes;
    this.#memory = isSpared ? (spare.pop() ?? Buffer.allocUnsafeSlow(spareBytes)) : null;
    this.bytes = this.#memory?.subarray(0, chunk.length) ?? Buffer.from(chunk);
    if (isSpared) this.bytes.set(chunk);
  }

  /** Call when nobody uses the bytes any more. */
  release(): void {
    if (this.#memory !== null && spare.length < mostSpare) spare.push(this.#memory);
  }
}
