// Where a parser's bytes come from, and the loop that brings them together.
import type { FileHandle } from 'node:fs/promises';
import type { Finding } from './parsing/finding.ts';
import { detect } from './detect.ts';
import type { Need, Reading, Supply } from './parsing/parser.ts';
import { Tail, Window } from './window.ts';

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

  /** @param size bytes; of a device, or where the file system does not tell, see {@link measureFile} */
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

/** Larger than anything that there is. */
const mostFileBytes = 2 ** 52;

/**
 * Bytes of what `stat` calls empty: a block device, or a file that is made as it is read. Found by reading a byte here and
 * there, which costs some sixty of them and works on every system.
 * @throws Node's system errors
 */
export async function measureFile(handle: Pick<FileHandle, 'read'>): Promise<number> {
  const reaches = async (offset: number): Promise<boolean> =>
    (await handle.read(new Uint8Array(1), 0, 1, offset)).bytesRead === 1;
  let beyond = 1;
  while (beyond < mostFileBytes && (await reaches(beyond - 1))) beyond *= 2;
  let known = Math.floor(beyond / 2);
  // It has `known` bytes or more, and fewer than `beyond`.
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
   * Fetches bytes from another place; null where that cannot be had. Absent: there is no way to.
   */
  readonly range?: (offset: number, length: number) => Promise<Uint8Array | null>;
  /** Whether all of it may be read for its end, as of a pipe; else the end is left unread. */
  readonly readsToEnd: boolean;
}

/** Further ahead than this a request of its own is cheaper than what lies between. */
const farBytes = 512 * 1024;
/** Without ranges no more than this is read, unless all of it may be. */
const mostBytes = 16 * 1024 * 1024;

/** A stream that is read forward and no further than needed. What was read from the start is kept, in bounded memory. */
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

  /** Hangs up. */
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

  /** @returns null where it cannot be had, or not all of it */
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
