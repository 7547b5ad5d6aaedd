// What a source answers, taken in: looked at before it is used, counted, timed, and handed to whoever writes it.
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

/** One attempt and what came of it. */
export interface Attempt {
  readonly how: TransferPlan['how'];
  /** What was there before. */
  readonly before: Extents;
  /** Bytes that came and were not there. */
  fresh: number;
  /** What the last part that was asked for was refused with. */
  rangeFailure: unknown;
}

export class Intake {
  readonly #source: DownloadSource;
  readonly #options: TransferTask;
  readonly #buffers: BufferPool;
  readonly #writer: PartWriter;
  #expected: Expectation;
  /** All that came, what was there already too, and the time it took. */
  readonly #pace = { bytes: 0, seconds: 0 };

  constructor(source: DownloadSource, options: TransferTask, buffers: BufferPool, writer: PartWriter) {
    this.#source = source;
    this.#options = options;
    this.#buffers = buffers;
    this.#writer = writer;
    this.#expected = expectationOf(source);
  }

  /** What is known of the image by now. */
  get expected(): Expectation {
    return this.#expected;
  }

  /** How fast bytes came, whatever became of them; null if none were asked for. */
  get bytesPerSecond(): number | null {
    const { bytes, seconds } = this.#pace;
    return bytes > 0 && seconds > 0 ? bytes / seconds : null;
  }

  /** Counts the time that work which succeeds takes as time in which bytes came. @throws what `work` throws */
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

  /** Looks at an answer before its data is used. @throws GlanceError `integrity.unprovable` */
  accept(opened: OpenedData): OpenedData {
    try {
      this.#expected = learnFrom(this.#expected, opened, this.#source.requireDigest);
    } catch (error) {
      opened.body.destroy();
      throw error;
    }
    return opened;
  }

  /**
   * Takes the bytes of an answer.
   * @param limit where to stop, asked at a position; null: at the end
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

  /** A stream of unknown length proves by its digest that it is whole. @throws SizeError */
  checkEnd(actual: number): void {
    const expected = this.#expected.size;
    if (expected === null || actual >= expected) return;
    throw truncatedError(expected, actual);
  }
}
