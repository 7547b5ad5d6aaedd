// The part of a stream that is kept while it passes: from its start, or from further on where that much cannot be kept.

/** Bytes that are kept at most: as far as any format's structures are followed without jumping. */
const mostKept = 16 * 1024 * 1024;
const firstRoom = 64 * 1024;

/** Keeps what may be asked for. Memory is bounded by {@link mostKept} and one need. */
export class Window {
  #bytes = new Uint8Array(0);
  #start = 0;
  #length = 0;

  /** Offset behind the last byte that is kept. */
  get end(): number {
    return this.#start + this.#length;
  }

  /**
   * Makes ready for bytes from `offset` on. Far beyond what is kept, the kept ones are given up for it.
   * @returns false if they passed before and are gone
   */
  seek(offset: number): boolean {
    if (offset > mostKept && offset >= this.end) {
      this.#start = offset;
      this.#length = 0;
    }
    return offset >= this.#start;
  }

  /** Takes bytes that lie at `offset`, and copies what follows on those that are there. */
  add(bytes: Uint8Array, offset: number): void {
    const skipped = this.end - offset;
    if (skipped < 0 || skipped >= bytes.length) return;
    const wanted = bytes.subarray(skipped);
    this.#grow(this.#length + wanted.length);
    this.#bytes.set(wanted, this.#length);
    this.#length += wanted.length;
  }

  /** Those of the wanted bytes that are there; good until more are added. */
  slice(offset: number, length: number): Uint8Array {
    const from = Math.min(Math.max(0, offset - this.#start), this.#length);
    return this.#bytes.subarray(from, Math.min(from + length, this.#length));
  }

  /** Room grows by doubling. */
  #grow(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(firstRoom, this.#bytes.length * 2, length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** The end that is kept while the rest passes: no format asks for more. */
const tailBytes = 4096;
const tailRoom = 16 * 1024;

/** Keeps the last bytes of a stream. */
export class Tail {
  readonly #bytes = new Uint8Array(tailRoom);
  #length = 0;

  add(bytes: Uint8Array): void {
    const last = bytes.subarray(-tailBytes);
    if (this.#length + last.length > tailRoom) {
      this.#bytes.copyWithin(0, this.#length - tailBytes, this.#length);
      this.#length = tailBytes;
    }
    this.#bytes.set(last, this.#length);
    this.#length += last.length;
  }

  /** The last ones, fewer where there were fewer; at most 4 KiB. */
  last(length: number): Uint8Array {
    return this.#bytes.subarray(Math.max(0, this.#length - Math.min(length, tailBytes)), this.#length);
  }
}
