// What comes of a body before anybody asks for it, kept without making new memory for each large one: many small images
// would have the memory collected all the time.

const spareBytes = 256 * 1024;
/** Below this many bytes there is nothing to be gained. */
const leastBytes = 32 * 1024;
/** As many as come at once by a wide margin. */
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

  /** Nobody has the bytes any more. */
  release(): void {
    if (this.#memory !== null && spare.length < mostSpare) spare.push(this.#memory);
  }
}
