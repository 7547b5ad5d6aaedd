// Bytes handed from one who has them to one who asks for them, a chunk at a time.

export class ChunkFeed implements AsyncIterable<Uint8Array> {
  #chunk: { readonly bytes: Uint8Array; readonly taken: () => void } | null = null;
  #wake: (() => void) | null = null;
  #isEnded = false;
  #failure: unknown = null;

  /** Hands a chunk over. @returns kept once it was taken, or nobody will take it */
  async push(bytes: Uint8Array): Promise<void> {
    if (this.#isEnded || bytes.length === 0) return;
    await new Promise<void>((taken) => {
      this.#chunk = { bytes, taken };
      this.#wake?.();
    });
  }

  /** No more comes, or no more is taken. @param failure what whoever takes it is to fail with; absent: nothing */
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
          // Whoever took it asks for more only once it is done with this one.
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
