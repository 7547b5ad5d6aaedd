// Hands bytes from a producer to a consumer, a chunk at a time.

export class ChunkFeed implements AsyncIterable<Uint8Array> {
  #chunk: { readonly bytes: Uint8Array; readonly taken: () => void } | null = null;
  #wake: (() => void) | null = null;
  #isEnded = false;
  #failure: unknown = null;

  /** Hands a chunk over. @returns resolves once it was used, or nobody will use it */
  async push(bytes: Uint8Array): Promise<void> {
    if (this.#isEnded || bytes.length === 0) return;
    await new Promise<void>((taken) => {
      this.#chunk = { bytes, taken };
      this.#wake?.();
    });
  }

  /** No more chunks come, or no more are wanted. @param failure the error for the consumer; absent: none */
  end(failure: unknown = null): void {
    this.#isEnded = true;
    this.#failure ??= failure;
    this.#chunk?.taken();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunk;
        if (this.#failure !== null) throw this.#failure as Error;
        if (chunk !== null) {
          yield chunk.bytes;
          // The consumer asks for more only once it is done with this one.
          this.#chunk = null;
          chunk.taken();
        } else if (this.#isEnded) return;
        else {
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
        }
      }
    } finally {
      this.end();
    }
  }
}
