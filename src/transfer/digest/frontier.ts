// The digest of a file that may be written out of order: the next bytes are taken from memory if they are just being written,
// and are read back from the file if they were written earlier.
import { BufferPool, bufferBytes } from '../flow/buffers.ts';
import type { Digester } from './digester.ts';

/** Sees the image's bytes in order, each once, to compute something else on the way. */
export interface Observer {
  readonly update: (bytes: Uint8Array) => void;
  /** Called when everything starts over. */
  readonly reset: () => void;
}

/** The part file, for reading. */
export interface FrontierFile {
  /** The end of the bytes that are there without a gap from the start. */
  readonly frontier: number;
  /** @returns bytes read, fewer than asked for only at the end of the file; @throws GlanceError `io.*` */
  read(buffer: Uint8Array, length: number, position: number): Promise<number>;
}

export class FrontierDigest {
  readonly #digester: Digester;
  readonly #part: FrontierFile;
  readonly #observers: readonly Observer[];
  readonly #buffers = new BufferPool(2);
  #catchingUp: Promise<void> | null = null;

  constructor(digester: Digester, part: FrontierFile, observers: readonly Observer[]) {
    this.#digester = digester;
    this.#part = part;
    this.#observers = observers;
  }

  /** Takes bytes at a position if they are the next ones. They must not change before the promise settles. */
  offer(position: number, bytes: Uint8Array): Promise<void> {
    if (this.#catchingUp !== null || position !== this.#digester.bytes) return Promise.resolve();
    return this.#update(bytes);
  }

  /** Call when digested bytes from `position` on are no longer there. */
  forgetFrom(position: number): void {
    if (position >= this.#digester.bytes) return;
    this.#digester.reset();
    for (const observer of this.#observers) observer.reset();
  }

  /** Reads the bytes between the digest and the frontier from the file. @throws GlanceError `io.*` */
  async catchUp(): Promise<void> {
    // One in progress may have checked the frontier for the last time already, and missed what has arrived since.
    await this.#catchingUp;
    for (let before = -1; this.#digester.bytes > before && this.#digester.bytes < this.#part.frontier;) {
      before = this.#digester.bytes;
      this.#catchingUp ??= this.#readUp().finally(() => {
        this.#catchingUp = null;
      });
      await this.#catchingUp;
    }
  }

  /** Call when no more bytes will come. */
  close(): void {
    this.#digester.close();
    this.#buffers.close();
  }

  /** Whether so much is unread that reading should start while data is still coming. */
  get isBehind(): boolean {
    return this.#catchingUp === null && this.#part.frontier - this.#digester.bytes >= bufferBytes;
  }

  /** The next buffer is read while the last one is digested. */
  async #readUp(): Promise<void> {
    let digested: Promise<void> = Promise.resolve();
    while (this.#digester.bytes < this.#part.frontier) {
      const buffer = await this.#buffers.acquire();
      const position = this.#digester.bytes;
      const count = await this.#part.read(buffer, Math.min(buffer.length, this.#part.frontier - position), position);
      await digested;
      if (count === 0) break;
      digested = this.#update(buffer.subarray(0, count)).then(() => this.#buffers.release(buffer));
    }
    await digested;
  }

  #update(bytes: Uint8Array): Promise<void> {
    const digested = this.#digester.update(bytes);
    for (const observer of this.#observers) observer.update(bytes);
    return digested;
  }
}
