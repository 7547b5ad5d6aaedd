// One body read to its end or to a limit: gathered into large buffers, each handed on while the next fills.
import type { Readable } from 'node:stream';
import type { BufferPool } from './buffers.ts';
import type { RateLimit } from './rate-limit.ts';
import { excessError } from './size-errors.ts';

export interface PumpOptions {
  /** Where in the image the first byte of the body lies. */
  readonly position: number;
  /** Bytes of the image; null if nobody knows. More than that is refused. */
  readonly size: number | null;
  /** Where to stop, asked again whenever it is reached; null for the end of the body. */
  readonly limit: (position: number) => Promise<number | null>;
  readonly buffers: BufferPool;
  readonly rate: RateLimit;
  readonly signal: AbortSignal;
  /** Takes the bytes of one buffer; the next call comes when this one is done. */
  readonly put: (position: number, bytes: Uint8Array) => Promise<void>;
  /** Told of every chunk as it comes. */
  readonly onBytes: (position: number, count: number) => void;
}

/**
 * Reads the body and hangs up. However it ends, all that came has been handed on.
 * @returns the position after the last byte taken
 * @throws SizeError `integrity.excess`; what the body or `put` fails with
 */
export async function pump(body: Readable, options: PumpOptions): Promise<number> {
  const gathered = new Gathered(options);
  let limit = await options.limit(options.position);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (options.size !== null && gathered.end + chunk.length > options.size) {
        throw excessError(options.size, gathered.end + chunk.length);
      }
      await options.rate.pass(chunk.length, options.signal);
      let rest: Uint8Array = chunk;
      while (rest.length > 0) {
        const taken = limit === null ? rest : rest.subarray(0, Math.max(0, limit - gathered.end));
        options.onBytes(gathered.end, taken.length);
        await gathered.add(taken);
        rest = rest.subarray(taken.length);
        if (limit === null || gathered.end < limit) continue;
        const next = await options.limit(limit);
        if (next === limit) return gathered.end;
        limit = next;
      }
    }
  } finally {
    body.destroy();
    await gathered.finish();
  }
  return gathered.end;
}

/** Bytes on their way from small chunks into large buffers. */
class Gathered {
  readonly #options: PumpOptions;
  #buffer: Uint8Array | null = null;
  #filled = 0;
  /** Position of the buffer's first byte. */
  #start: number;
  #putting: Promise<void> = Promise.resolve();

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#start = options.position;
  }

  get end(): number {
    return this.#start + this.#filled;
  }

  async add(chunk: Uint8Array): Promise<void> {
    let done = 0;
    while (done < chunk.length) {
      // oxlint-disable-next-line no-await-in-loop -- waits while all buffers are in use: that holds the server back
      const buffer = (this.#buffer ??= await this.#options.buffers.acquire());
      const count = Math.min(chunk.length - done, buffer.length - this.#filled);
      buffer.set(chunk.subarray(done, done + count), this.#filled);
      this.#filled += count;
      done += count;
      // oxlint-disable-next-line no-await-in-loop -- one buffer is handed on at a time
      if (this.#filled === buffer.length) await this.#handOn();
    }
  }

  /** Hands on what is left, and waits until all is taken. */
  async finish(): Promise<void> {
    try {
      await this.#handOn();
      await this.#putting;
    } finally {
      if (this.#buffer !== null) this.#options.buffers.release(this.#buffer);
      this.#buffer = null;
    }
  }

  async #handOn(): Promise<void> {
    await this.#putting;
    const buffer = this.#buffer;
    if (buffer === null || this.#filled === 0) return;
    const { put, buffers } = this.#options;
    this.#putting = put(this.#start, buffer.subarray(0, this.#filled)).finally(() => buffers.release(buffer));
    // Whoever waits for it learns of a failure; until then it is nobody's.
    this.#putting.catch(() => undefined);
    this.#buffer = null;
    this.#start += this.#filled;
    this.#filled = 0;
  }
}
