// Fetches one image into one part file: whatever is missing, over one connection or several, until all of it is there and
// matches. This is where broken and stalled connections, stores without ranges, and images that change are dealt with.
import { GlanceError } from '../errors.ts';
import { progressThreshold, withRetries } from '../retry.ts';
import { BufferPool } from './flow/buffers.ts';
import { createDigester, type Digester } from './digest/digester.ts';
import { findGaps } from './flow/extents.ts';
import { FrontierDigest } from './digest/frontier.ts';
import { checkKept } from './part/kept-bytes.ts';
import { type Attempt, Intake } from './intake.ts';
import { Lanes, overlapBytes } from './lanes.ts';
import type { PartFile } from './part/part-file.ts';
import { isSameImage } from './part/part-record.ts';
import { PartWriter } from './part/part-writer.ts';
import { compareDigests, expectationOf, isMismatch } from './digest/promises.ts';
import { type DownloadSource, type OpenedData, replacedError } from './flow/source.ts';
import type { Transferred, TransferTask } from './transfer-task.ts';
import {
  afterMismatch,
  afterPiece,
  afterRefusedRange,
  afterTooManyRequests,
  firstState,
  planAttempt,
  type FetchState,
} from './transfer-plan.ts';
import { openWholeAtLast } from './whole-at-last.ts';

/** Buffers for one connection: one being filled, one being written, the others on their way through the digest. */
const buffersForOne = 8;
/** More buffers for each further connection. */
const buffersForMore = 3;

export class FileTransfer {
  readonly #source: DownloadSource;
  readonly #part: PartFile;
  readonly #options: TransferTask;
  readonly #digester: Digester;
  readonly #digest: FrontierDigest;
  readonly #buffers: BufferPool;
  readonly #intake: Intake;
  #state: FetchState;
  #attempt: Attempt = { how: 'nothing', before: [], fresh: 0, rangeFailure: null };
  /** Retries after the first attempt. */
  retries = 0;
  /** Bytes of an earlier run that were good. */
  resumedFrom = 0;

  constructor(source: DownloadSource, part: PartFile, options: TransferTask) {
    this.#source = source;
    this.#part = part;
    this.#options = options;
    const { size, promised } = expectationOf(source);
    this.#state = firstState(options.connections);
    // If the record has no digest, the most that a response can supply is an MD5.
    const algorithms = promised.length === 0 ? (['md5'] as const) : promised.map((each) => each.algorithm);
    this.#digester = createDigester([...algorithms, ...options.extraAlgorithms], size);
    this.#digest = new FrontierDigest(this.#digester, part, options.observers);
    this.#buffers = new BufferPool(buffersForOne + buffersForMore * (options.connections - 1), options.bufferBytes);
    // It needs a meter of its own: a comparison must not wait for a buffer that is returned only after that comparison.
    const compared = new BufferPool(1, options.bufferBytes);
    const writer = new PartWriter(part, this.#digest, compared, options.clock);
    this.#intake = new Intake(source, options, this.#buffers, writer);
  }

  /** How fast bytes arrived, even those that were discarded; null if none were requested. */
  get bytesPerSecond(): number | null {
    return this.#intake.bytesPerSecond;
  }

  /**
   * Fetches what is missing.
   * @throws IntegrityError, SizeError; GlanceError `integrity.changed` if the image has been replaced meanwhile,
   * `integrity.unprovable`, `io.*`, what the source fails with; the signal's reason
   */
  async run(): Promise<Transferred> {
    try {
      await checkKept(this.#part, this.#digest, this.#buffers, this.#options);
      this.resumedFrom = this.#part.bytes;
      for (;;) {
        const done = await this.#fetchAndVerify();
        if (done !== null) return done;
      }
    } finally {
      this.#digest.close();
      this.#buffers.close();
    }
  }

  /** @returns null if the data did not match and has to be fetched again, over one connection and from the start */
  async #fetchAndVerify(): Promise<Transferred | null> {
    const { listen } = this.#options;
    try {
      await this.#fetchAll();
      await this.#digest.catchUp();
      const digests = await this.#digester.digests();
      const { bytes } = this.#digester;
      // Whatever the bookkeeping of pieces says, the number of bytes digested has to equal the image's size.
      this.#intake.checkEnd(bytes);
      listen({ event: 'verify', algorithms: digests.map((digest) => digest.algorithm) });
      return {
        bytes,
        digests,
        verifiedBy: compareDigests(this.#intake.expected.promised, digests, bytes, this.#source.name),
      };
    } catch (error) {
      if (!isMismatch(error)) throw error;
      // Data that was uploaded between our look at the record and our request belongs to a new image; it is not damaged.
      await this.#confirmImage();
      const next = afterMismatch(this.#state, error);
      if (next === null) throw error;
      listen({ event: 'restart', code: error.code, message: `${error.message}; all of it is fetched again` });
      await this.#part.restart();
      this.#digest.forgetFrom(0);
      this.#state = next;
      this.resumedFrom = 0;
      return null;
    }
  }

  async #fetchAll(): Promise<void> {
    const { signal } = this.#options;
    await this.#intake.time(async () => {
      try {
        await this.#fetchWithRetries(null);
      } catch (error) {
        if (!isOfRanges(error, this.#attempt)) throw error;
        const whole = await openWholeAtLast(error, this.#source, signal, () => this.#confirmImage());
        this.#state = afterRefusedRange(this.#state);
        await this.#fetchWithRetries(whole);
      }
    });
  }

  /** @param whole the response for the first attempt to read; null if it has to send a request */
  async #fetchWithRetries(whole: OpenedData | null): Promise<void> {
    const { clock, retry, signal, listen } = this.#options;
    let answer = whole;
    await withRetries(
      {
        clock,
        policy: retry,
        signal,
        answered: this.#source.answered,
        madeProgress: () => this.#attempt.fresh >= progressThreshold,
        onRetry: ({ error, delayMs, nextAttempt }) => {
          this.retries++;
          if (error.code === 'http.429') this.#state = afterTooManyRequests(this.#state);
          const { code, message } = error;
          listen({ event: 'retry', attempt: nextAttempt, delay_ms: delayMs, code, message, bytes: this.#part.bytes });
        },
      },
      async ({ number }) => {
        if (number > 1) await this.#confirmImage();
        const given = answer;
        answer = null;
        await this.#try(given);
      },
    );
  }

  /** If the store refuses ranges, the attempt continues by requesting the whole image. */
  async #try(whole: OpenedData | null): Promise<void> {
    const { bytes, frontier, extents } = this.#part;
    if (bytes > 0) this.#state = afterPiece(this.#state);
    const plan = planAttempt(this.#state, { size: this.#intake.expected.size, bytes, frontier });
    this.#attempt = { how: plan.how, before: extents, fresh: 0, rangeFailure: null };
    if (plan.how === 'nothing') return;
    // A store may answer a range with the whole image: that is as good as having asked for it.
    const instead: { whole: OpenedData | null } = { whole: null };
    try {
      if (plan.how === 'whole') await this.#fetchWhole(whole);
      else if (plan.how === 'gaps') await this.#createLanes(plan.size, instead).run();
      else await this.#createLanes(plan.size, instead).runBeside(await this.#intake.openWhole());
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'http.range') throw error;
      this.#state = afterRefusedRange(this.#state);
      this.#attempt = { ...this.#attempt, how: 'whole', before: this.#part.extents };
      await this.#fetchWhole(instead.whole);
    }
  }

  /** Discards data that may no longer belong to this image, so that it is not resumed. */
  async #confirmImage(): Promise<void> {
    const now = await this.#source.refresh(this.#options.signal);
    if (isSameImage(now, this.#source.image)) return;
    throw replacedError(this.#source);
  }

  /** Takes the whole image from one answer, and compares it with the data that is already there. */
  async #fetchWhole(answer: OpenedData | null): Promise<void> {
    const opened = answer === null ? await this.#intake.openWhole() : this.#intake.accept(answer);
    await this.#intake.receive(this.#attempt, opened, () => Promise.resolve(null), this.#options.signal);
    this.#intake.checkEnd(this.#part.frontier);
  }

  /** @param instead gets the whole image if the store sends that in answer to the only request for a range */
  #createLanes(size: number, instead: { whole: OpenedData | null }): Lanes {
    const { connections } = this.#state;
    // Without a digest, only the bytes themselves show that the store still has the same data.
    const overlap = this.#intake.expected.promised.length === 0 && this.#part.bytes > 0 ? overlapBytes : 0;
    return new Lanes({
      size,
      gaps: findGaps(this.#part.extents, { start: 0, end: size }),
      connections,
      overlap,
      signal: this.#options.signal,
      open: async (range, signal) => {
        const opened = await this.#source.open(range, signal).catch((error: unknown) => {
          this.#attempt.rangeFailure = error;
          throw error;
        });
        if (opened.start === range.start) {
          this.#state = afterPiece(this.#state);
          return opened;
        }
        if (connections === 1) instead.whole = opened;
        else opened.body.destroy();
        throw new GlanceError('http.range', 'the server answers a request for a range with the whole image');
      },
      receive: (opened, limit, signal) => this.#intake.receive(this.#attempt, opened, limit, signal),
      onRefused: () => {
        this.#state = afterRefusedRange(this.#state);
      },
    });
  }
}

/** Whether asking for ranges was in vain: one was refused, or the responses contained nothing new. */
function isOfRanges(error: unknown, { how, fresh, rangeFailure }: Attempt): boolean {
  return error === rangeFailure || (how === 'gaps' && fresh === 0);
}
