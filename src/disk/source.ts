// Where a parser's bytes come from, and the loop that brings them together.
import type { FileHandle } from 'node:fs/promises';
import type { Finding } from './finding.ts';
import { detect } from './detect.ts';
import type { Need, Reading, Supply } from './parser.ts';

/** Image data that can be asked for bytes. */
export interface ByteSource {
  /** Bytes of image data; null as long as nobody knows. */
  readonly size: number | null;
  /** Bytes received so far. */
  readonly bytesRead: number;
  /** The answer is good until the next call. */
  readonly read: (need: Need) => Promise<Supply>;
}

/** Runs a reading over a source. */
export async function drive<T>(reading: Reading<T>, source: ByteSource): Promise<T> {
  let step = reading.next();
  while (step.done !== true) {
    // oxlint-disable-next-line no-await-in-loop -- each need follows from the answer before
    step = reading.next(await source.read(step.value));
  }
  return step.value;
}

/** What the bytes of a source are. @param looksAtEnd whether a fixed VHD is looked for */
export async function inspectSource(source: ByteSource, looksAtEnd: boolean): Promise<Finding> {
  const context = {
    get size() {
      return source.size;
    },
    looksAtEnd,
  };
  return await drive(detect(context), source);
}

/** A regular file, read by position. */
export class FileSource implements ByteSource {
  readonly #handle: FileHandle;
  readonly size: number;
  bytesRead = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  async read(need: Need): Promise<Supply> {
    const offset = need.from === 'start' ? need.offset : Math.max(0, this.size - need.length);
    const length = Math.max(0, Math.min(need.length, this.size - offset));
    const buffer = new Uint8Array(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, offset);
    this.bytesRead += bytesRead;
    return buffer.subarray(0, bytesRead);
  }
}

export interface ForwardOptions {
  readonly size: number | null;
  /**
   * Fetches bytes from another place; null where that cannot be had. Absent: there is no way to.
   */
  readonly range?: (offset: number, length: number) => Promise<Uint8Array | null>;
  /** Whether all of it may be read for its end, as of a pipe; else the end is left unread. */
  readonly readsToEnd: boolean;
}

/** Further ahead than this a request of its own is cheaper than what lies between. */
const farBytes = 512 * 1024;
/** The end that is kept while the rest passes. */
const tailBytes = 64 * 1024;

/** A stream that is read forward and no further than needed. What was read from the start is kept, bounded by what is asked for. */
export class ForwardSource implements ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #options: ForwardOptions;
  #front: Uint8Array = new Uint8Array(tailBytes);
  #kept = 0;
  #tail: Uint8Array = new Uint8Array();
  #isOver = false;
  #received = 0;
  bytesRead = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, options: ForwardOptions) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#options = options;
  }

  get size(): number | null {
    return this.#options.size ?? (this.#isOver ? this.#received : null);
  }

  async read(need: Need): Promise<Supply> {
    return need.from === 'start' ? await this.#readStart(need.offset, need.length) : await this.#readEnd(need.length);
  }

  /** Hangs up. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #readStart(offset: number, length: number): Promise<Supply> {
    const isFar = offset > this.#received + farBytes && !this.#isOver;
    if (isFar && this.#options.range !== undefined) {
      const bytes = await this.#fetch(offset, length);
      if (bytes !== null) return bytes;
    }
    while (!this.#isOver && this.#kept < offset + length) {
      // oxlint-disable-next-line no-await-in-loop -- one chunk after the other
      await this.#advance(true);
    }
    return this.#front.subarray(Math.min(offset, this.#kept), Math.min(offset + length, this.#kept));
  }

  async #readEnd(length: number): Promise<Supply> {
    const { size, range, readsToEnd } = this.#options;
    if (size !== null && size <= this.#kept) return this.#front.subarray(Math.max(0, size - length), size);
    if (size !== null && range !== undefined) {
      const bytes = await this.#fetch(Math.max(0, size - length), Math.min(length, size));
      if (bytes !== null) return bytes;
    }
    const isNear = size !== null && size - this.#received <= farBytes;
    if (!readsToEnd && !isNear) return null;
    while (!this.#isOver) {
      // oxlint-disable-next-line no-await-in-loop -- one chunk after the other
      await this.#advance(false);
    }
    return this.#tail.subarray(Math.max(0, this.#tail.length - length));
  }

  async #fetch(offset: number, length: number): Promise<Uint8Array | null> {
    const { size, range } = this.#options;
    const end = size === null ? offset + length : Math.min(size, offset + length);
    if (range === undefined || end <= offset) return null;
    const bytes = await range(offset, end - offset);
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }

  async #advance(keeps: boolean): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    if (keeps && this.#kept === this.#received) this.#keep(value);
    this.#received += value.length;
    this.bytesRead += value.length;
    this.#tail = Uint8Array.from(Buffer.concat([this.#tail, value]).subarray(-tailBytes));
  }

  /** Room grows by doubling. */
  #keep(chunk: Uint8Array): void {
    if (this.#kept + chunk.length > this.#front.length) {
      const larger = new Uint8Array(Math.max(this.#front.length * 2, this.#kept + chunk.length));
      larger.set(this.#front.subarray(0, this.#kept));
      this.#front = larger;
    }
    this.#front.set(chunk, this.#kept);
    this.#kept += chunk.length;
  }
}
