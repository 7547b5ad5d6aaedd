// Takes in the answers of a source: checks each before it is used, counts and times its bytes, and hands them to the writer.
import type { BufferPool } from './flow/buffers.ts';
import { countBytes, type Extents, findGaps } from './flow/extents.ts';
import { createAnswerMeter } from './flow/meter.ts';
import { pump } from './flow/pump.ts';
import { truncatedError } from './flow/size-errors.ts';
import type { DownloadSource, OpenedData } from './flow/source.ts';
import { type Expectation, expectationOf, learnFrom } from './digest/promises.ts';
import type { PartWriter } from './part/part-writer.ts';
import type { TransferTask } from './transfer-task.ts';
import type { TransferPlan } from './transfer-plan.ts';

/** One attempt and its progress. */
export interface Attempt {
  readonly how: TransferPlan['how'];
  /** What was there before the attempt. */
  readonly before: Extents;
  /** Bytes that arrived and were not there before. */
  fresh: number;
  /** The error with which the last range was refused. */
  rangeFailure: unknown;
}

export class Intake {
  readonly #source: DownloadSource;
  readonly #options: TransferTask;
  readonly #buffers: BufferPool;
  readonly #writer: PartWriter;
  #expected: Expectation;
  /** All bytes that arrived, including those that were already there, and the time they took. */
  readonly #pace = { bytes: 0, seconds: 0 };

  constructor(source: DownloadSource, options: TransferTask, buffers: BufferPool, writer: PartWriter) {
    this.#source = source;
    this.#options = options;
    this.#buffers = buffers;
    this.#writer = writer;
    this.#expected = expectationOf(source);
  }

  /** What is known about the image so far. */
  get expected(): Expectation {
    return this.#expected;
  }

  /** How fast bytes arrived, even those that were discarded; null if none were requested. */
  get bytesPerSecond(): number | null {
    const { bytes, seconds } = this.#pace;
    return bytes > 0 && seconds > 0 ? bytes / seconds : null;
  }

  /** Does the work; if it succeeds, its duration counts as time in which bytes arrived. @throws what `work` throws */
  async time(work: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    await work();
    this.#pace.seconds += (clock.monotonic() - startedAt) / 1000;
  }

  /** Asks for the whole image. @throws GlanceError `integrity.unprovable`; what the source fails with */
  async openWhole(): Promise<OpenedData> {
    return this.accept(await this.#source.open(null, this.#options.signal));
  }

  /** Checks an answer before its data is used. @throws GlanceError `integrity.unprovable` */
  accept(opened: OpenedData): OpenedData {
    this.#expected = learnFrom(this.#expected, opened, this.#source.requireDigest);
    return opened;
  }

  /**
   * Takes the bytes of an answer.
   * @param limit called at a position to ask where to stop; null: at the end
   * @returns the position that was reached
   */
  async receive(
    attempt: Attempt,
    opened: OpenedData,
    limit: (position: number) => Promise<number | null>,
    signal: AbortSignal,
  ): Promise<number> {
    const { clock, rate, listen } = this.#options;
    const { size } = this.#expected;
    const tell = createAnswerMeter(clock, size, countBytes(attempt.before), listen);
    return await pump(opened.body, {
      position: opened.start,
      size,
      limit,
      buffers: this.#buffers,
      rate,
      signal,
      put: (position, bytes) => this.#writer.put(position, bytes),
      onBytes: (position, count) => {
        const end = position + count;
        this.#pace.bytes += count;
        const fresh = countBytes(findGaps(attempt.before, { start: position, end }));
        attempt.fresh += fresh;
        tell(fresh > 0 ? attempt.fresh : null, end);
      },
    });
  }

  /** A stream of unknown length is proved complete by its digest. @throws SizeError */
  checkEnd(actual: number): void {
    const expected = this.#expected.size;
    if (expected === null || actual >= expected) return;
    throw truncatedError(expected, actual);
  }
}
