// Where the bytes for parsers come from, and the loop that supplies them.
import type { FileHandle } from 'node:fs/promises';
import type { DiskFinding } from './parsing/finding.ts';
import { detect } from './detect.ts';
import type { Need, Reading, Supply } from './parsing/parser.ts';
import { Tail, Window } from './window.ts';

/** Image data to read bytes from. */
export interface ByteSource {
  /** Bytes of image data; null while unknown. */
  readonly size: number | null;
  /** Bytes received so far. */
  readonly bytesRead: number;
  /** The answer is valid until the next call. */
  readonly read: (need: Need) => Promise<Supply>;
}

/** Runs a reading to its end over a source. */
export async function drive<T>(reading: Reading<T>, source: ByteSource): Promise<T> {
  let step = reading.next();
  while (step.done !== true) {
    step = reading.next(await source.read(step.value));
  }
  return step.value;
}

/** Detects what the bytes of a source are. @param looksAtEnd whether to look for a fixed VHD */
export async function inspectSource(source: ByteSource, looksAtEnd: boolean): Promise<DiskFinding> {
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

  /** @param size bytes; for a device, or if the file system does not report it, see {@link measureFile} */
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

/** No file is larger. */
const mostFileBytes = 2 ** 52;

/**
 * Measures what `stat` calls empty, in bytes: a block device, or a file generated on reading. Reads some sixty single bytes,
 * which works on every system.
 * @throws Node's system errors
 */
export async function measureFile(handle: Pick<FileHandle, 'read'>): Promise<number> {
  const reaches = async (offset: number): Promise<boolean> =>
    (await handle.read(new Uint8Array(1), 0, 1, offset)).bytesRead === 1;
  let beyond = 1;
  while (beyond < mostFileBytes && (await reaches(beyond - 1))) beyond *= 2;
  let known = Math.floor(beyond / 2);
  // It has at least `known` bytes, and fewer than `beyond`.
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2);
    if (await reaches(middle - 1)) known = middle;
    else beyond = middle;
  }
  return known;
}

export interface ForwardOptions {
  readonly size: number | null;
  /**
   * Fetches bytes out of order; null if they are not available. Absent: not possible.
   */
  readonly range?: (offset: number, length: number) => Promise<Uint8Array | null>;
  /** Whether it may be read to its end, as a pipe may; otherwise the end is left unread. */
  readonly readsToEnd: boolean;
}

/** If the wanted bytes are further ahead, a separate request is cheaper than reading on. */
const farBytes = 512 * 1024;
/** Without ranges no more is read, unless all of it may be. */
const mostBytes = 16 * 1024 * 1024;

/** A stream read forward, and no further than needed. What was read is kept, in bounded memory. */
export class ForwardSource implements ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #options: ForwardOptions;
  readonly #window = new Window();
  readonly #tail = new Tail();
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
    return need.from === 'start' ? await this.#readStart(need) : await this.#readEnd(need.length);
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #readStart({ offset, length, optional }: Need & { from: 'start' }): Promise<Supply> {
    const end = Math.min(offset + length, this.#options.size ?? Infinity);
    const isFar = offset > this.#received + farBytes && !this.#isOver;
    if (isFar && this.#options.range !== undefined) {
      const bytes = await this.#fetch(offset, length);
      if (bytes !== null) return bytes;
    }
    const isTooFar = end > mostBytes || (isFar && optional === true);
    if (isTooFar && !this.#options.readsToEnd) return null;
    if (!this.#window.seek(offset)) return null;
    while (!this.#isOver && this.#received < end) {
      await this.#advance(true);
    }
    return this.#window.slice(offset, length);
  }

  async #readEnd(length: number): Promise<Supply> {
    const { size, range, readsToEnd } = this.#options;
    if (size !== null && size <= this.#window.end) return this.#window.slice(Math.max(0, size - length), length);
    if (size !== null && range !== undefined) {
      const bytes = await this.#fetch(Math.max(0, size - length), Math.min(length, size));
      if (bytes !== null) return bytes;
    }
    const isNear = size !== null && size - this.#received <= farBytes;
    if (!readsToEnd && !isNear) return null;
    while (!this.#isOver) {
      await this.#advance(false);
    }
    return this.#tail.last(length);
  }

  /** @returns null if it is not available, or not completely */
  async #fetch(offset: number, length: number): Promise<Uint8Array | null> {
    const { size, range } = this.#options;
    const end = size === null ? offset + length : Math.min(size, offset + length);
    if (range === undefined || end <= offset) return null;
    const bytes = await range(offset, end - offset);
    this.bytesRead += bytes?.length ?? 0;
    return bytes !== null && bytes.length < end - offset ? null : bytes;
  }

  async #advance(keeps: boolean): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    if (keeps) this.#window.add(value, this.#received);
    this.#tail.add(value);
    this.#received += value.length;
    this.bytesRead += value.length;
  }
}
