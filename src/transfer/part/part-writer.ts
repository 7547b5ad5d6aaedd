// Feeds bytes into a part file: new ones are written while they are digested, those already there are compared, and from
// time to time everything is made durable.
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { BufferPool } from '../flow/buffers.ts';
import { countBytes, type Extents, findGaps, type Span } from '../flow/extents.ts';
import type { FrontierDigest } from '../digest/frontier.ts';
import type { Placed } from '../flow/gathered-bytes.ts';
import type { PartFile } from './part-file.ts';

/** Between two checkpoints for later runs: this many bytes, or {@link checkpointMs} if they take longer. */
const checkpointBytes = 64 * 1024 * 1024;
const checkpointMs = 5000;
/** Shortest pause between two checkpoints: while the disk works on one, writing takes half as long again. */
const checkpointPauseMs = 1000;

export class PartWriter {
  readonly #part: PartFile;
  readonly #digest: FrontierDigest;
  readonly #buffers: BufferPool;
  readonly #clock: Clock;
  #checkpointAt: number;
  /** Zero before the first. */
  #pauseMs = 0;
  #sinceCheckpoint = 0;

  constructor(part: PartFile, digest: FrontierDigest, buffers: BufferPool, clock: Clock) {
    this.#part = part;
    this.#digest = digest;
    this.#buffers = buffers;
    this.#clock = clock;
    this.#checkpointAt = clock.monotonic();
  }

  /**
   * Takes bytes at a position. They must not change before both promises settle.
   * @returns rejects with GlanceError `integrity.contradiction` if other bytes are there already; `io.*`
   */
  put(position: number, bytes: Uint8Array): Placed {
    const span = { start: position, end: position + bytes.length };
    const missing = findGaps(this.#part.extents, span);
    if (countBytes(missing) < bytes.length) {
      const done = this.#putAmong(span, missing, bytes);
      return { written: done, digested: done };
    }
    const digested = this.#digest.offer(position, bytes);
    return { written: this.#write(position, missing, bytes), digested };
  }

  async #putAmong(span: Span, missing: Extents, bytes: Uint8Array): Promise<void> {
    await this.#compare(span, missing, bytes);
    const digested = this.#digest.offer(span.start, bytes);
    try {
      await this.#write(span.start, missing, bytes);
    } finally {
      await digested;
    }
  }

  async #write(position: number, missing: Extents, bytes: Uint8Array): Promise<void> {
    for (const { start, end } of missing) {
      await this.#part.write(start, bytes.subarray(start - position, end - position));
    }
    this.#note(countBytes(missing));
  }

  async #compare(span: Span, missing: Extents, bytes: Uint8Array): Promise<void> {
    const buffer = await this.#buffers.acquire();
    try {
      for (const { start, end } of findGaps(missing, span)) {
        const count = await this.#part.read(buffer, end - start, start);
        const expected = bytes.subarray(start - span.start, end - span.start);
        if (Buffer.compare(buffer.subarray(0, count), expected) !== 0) throw contradiction(start);
      }
    } finally {
      this.#buffers.release(buffer);
    }
  }

  #note(bytes: number): void {
    if (this.#digest.isBehind) this.#digest.catchUp().catch(() => undefined);
    this.#sinceCheckpoint += bytes;
    const now = this.#clock.monotonic();
    const passedMs = now - this.#checkpointAt;
    const isDue = this.#sinceCheckpoint >= checkpointBytes && passedMs >= this.#pauseMs;
    if (!isDue && passedMs < checkpointMs) return;
    this.#sinceCheckpoint = 0;
    this.#checkpointAt = now;
    this.#pauseMs = checkpointPauseMs;
    this.#part.startCheckpoint();
  }
}

function contradiction(position: number): GlanceError {
  const text = `the server sends different data than before, at byte ${String(position)} or soon after`;
  return new GlanceError('integrity.contradiction', text);
}
