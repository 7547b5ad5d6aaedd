// Parts held in memory: each is digested, compared with what an earlier run sent, and sent with its MD5, several at a
// time.
import type { Digester } from '../digest/digester.ts';
import type { KeptPart, ObjectTarget, SentPart, Upload } from './object-target.ts';
import type { PartMemory } from './part-memory.ts';
import { md5Of, type PartSink } from './part-sink.ts';

/** Parts of one upload sent at once. */
const mostAtOnce = 3;

interface BufferedPartsOptions {
  readonly target: ObjectTarget;
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /** Bytes of the image, or null. */
  readonly total: number | null;
  readonly memory: PartMemory;
  /** Computes MD5 only. */
  readonly digester: Digester;
  readonly signal: AbortSignal;
}

export class BufferedParts implements PartSink {
  readonly copies = true;
  readonly #options: BufferedPartsOptions;
  readonly #parts: SentPart[] = [];
  readonly #sending = new Set<Promise<void>>();
  #kept: ReadonlyMap<number, KeptPart> = new Map();
  #upload: Upload | null = null;
  #buffer: Buffer | null = null;
  #filled = 0;
  #number = 1;
  #failure: unknown = null;
  #skipped = 0;

  constructor(options: BufferedPartsOptions) {
    this.#options = options;
  }

  get upload(): Upload | null {
    return this.#upload;
  }

  get skippedBytes(): number {
    return this.#skipped;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { partBytes, memory } = this.#options;
    for (let position = 0; position < chunk.length;) {
      this.#throwFailure();
      // A full buffer is sent only once more data follows, since an object that fits into one buffer is not sent in parts.
      if (this.#filled === partBytes) await this.#sendBuffer();
      this.#buffer ??= await memory.acquire(partBytes);
      const count = Math.min(chunk.length - position, partBytes - this.#filled);
      // `set` goes word by word into shared memory.
      this.#buffer.fill(chunk.subarray(position, position + count), this.#filled, this.#filled + count);
      this.#filled += count;
      position += count;
    }
  }

  async end(): Promise<void> {
    if (this.#upload !== null) {
      if (this.#filled > 0) await this.#sendBuffer();
      await Promise.all(this.#sending);
      this.#throwFailure();
    }
  }

  async commit(): Promise<void> {
    const { target, signal, digester } = this.#options;
    if (this.#upload !== null) {
      await this.#upload.complete(this.#parts, signal);
      return;
    }
    const bytes = this.#buffer?.subarray(0, this.#filled) ?? Buffer.alloc(0);
    await target.put(bytes, await md5Of(digester, bytes), signal);
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#sending);
    this.#options.digester.close();
    if (this.#buffer !== null) this.#options.memory.release(this.#buffer);
    this.#buffer = null;
    this.#filled = 0;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Passes the buffer on, and waits while too many are being sent. */
  async #sendBuffer(): Promise<void> {
    const { target, partBytes, total, signal } = this.#options;
    if (this.#upload === null) {
      this.#upload = await target.open(partBytes, total, signal);
      this.#kept = new Map(this.#upload.kept.map((part) => [part.number, part]));
    }
    while (this.#sending.size >= mostAtOnce) await Promise.race(this.#sending);
    this.#throwFailure();
    const [buffer, filled, number] = [this.#buffer, this.#filled, this.#number++];
    this.#buffer = null;
    this.#filled = 0;
    if (buffer === null) return;
    const sending = this.#send(this.#upload, number, buffer.subarray(0, filled))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#sending.delete(sending);
        this.#options.memory.release(buffer);
      });
    this.#sending.add(sending);
  }

  async #send(upload: Upload, number: number, bytes: Uint8Array): Promise<void> {
    const { digester, signal } = this.#options;
    const md5 = await md5Of(digester, bytes);
    const kept = this.#kept.get(number);
    const isThere = kept !== undefined && kept.size === bytes.length && kept.etag === md5;
    if (isThere) this.#skipped += bytes.length;
    this.#parts[number - 1] = { number, etag: isThere ? md5 : await upload.put(number, bytes, md5, signal) };
  }
}
