// The part of a passing stream that is kept: from its start, or from further on if that would be too much.

/** Bytes to keep at most: as far as the structures of any format are read without jumping. */
const mostKept = 16 * 1024 * 1024;
/** Initial room: enough for a raw disk, which needs slightly more than half of it. */
const firstRoom = 128 * 1024;

/** Keeps what parsers may ask for. Memory is bounded by {@link mostKept} and one need. */
export class Window {
  #bytes = new Uint8Array(0);
  #start = 0;
  #length = 0;

  /** Offset after the last byte kept. */
  get end(): number {
    return this.#start + this.#length;
  }

  /**
   * Prepares for bytes from `offset` on. If that is far beyond the bytes kept, they are dropped.
   * @returns false if those bytes have already passed and are gone
   */
  seek(offset: number): boolean {
    if (offset > mostKept && offset >= this.end) {
      this.#start = offset;
      this.#length = 0;
    }
    return offset >= this.#start;
  }

  /** Takes bytes that lie at `offset`, and copies those that continue the kept ones. */
  add(bytes: Uint8Array, offset: number): void {
    const skipped = this.end - offset;
    if (skipped < 0 || skipped >= bytes.length) return;
    const wanted = bytes.subarray(skipped);
    this.#grow(this.#length + wanted.length);
    this.#bytes.set(wanted, this.#length);
    this.#length += wanted.length;
  }

  /** As many of the wanted bytes as are kept; valid until more are added. */
  slice(offset: number, length: number): Uint8Array {
    const from = Math.min(Math.max(0, offset - this.#start), this.#length);
    return this.#bytes.subarray(from, Math.min(from + length, this.#length));
  }

  /** Doubles the buffer as needed. */
  #grow(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(firstRoom, this.#bytes.length * 2, length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Bytes of the end to keep while the rest passes: no format asks for more. */
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

  /** The last bytes, fewer if there were fewer; at most 4 KiB. */
  last(length: number): Uint8Array {
    return this.#bytes.subarray(Math.max(0, this.#length - Math.min(length, tailBytes)), this.#length);
  }
}
