// One image into one part file: what is missing is fetched, over one connection or several, until all of it is there and
// matches. Breaks, stalls, stores without ranges and images that change are healed here.
import type { Digest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { progressThreshold, withRetries } from '../retry.ts';
import { BufferPool } from './buffers.ts';
import { createDigester, type Digester } from './digester.ts';
import { countBytes, type Extents, findGaps, type Span } from './extents.ts';
import { FrontierDigest } from './frontier.ts';
import { Lanes, overlapBytes } from './lanes.ts';
import { checkKept } from './kept-bytes.ts';
import { createAnswerMeter } from './meter.ts';
import type { PartFile } from './part-file.ts';
import { isSameImage } from './part-record.ts';
import { PartWriter } from './part-writer.ts';
import { compareDigests, isMismatch, promisesOf, requireProof } from './promises.ts';
import { pump } from './pump.ts';
import type { DownloadSource, OpenedData } from './source.ts';
import { truncatedError } from './size-errors.ts';
import type { Transferred, TransferOptions } from './transfer-options.ts';
import { openWholeAtLast } from './whole-at-last.ts';

/** Buffers for one connection: one to fill, one to write, the others on their way through the digest. */
const buffersForOne = 8;
/** More for each further one. */
const buffersForMore = 3;

export class FileTransfer {
  readonly #source: DownloadSource;
  readonly #part: PartFile;
  readonly #options: TransferOptions;
  readonly #digester: Digester;
  readonly #digest: FrontierDigest;
  readonly #buffers: BufferPool;
  readonly #writer: PartWriter;
  #promised: readonly Digest[];
  /** Bytes of the image; told by the answer where the record does not. */
  #size: number | null;
  #connections: number;
  #hasRanges = true;
  /** Whether the present attempt asks for what is missing only. */
  #asksForGaps = false;
  /** What the last part that was asked for was refused with. */
  #rangeFailure: unknown = null;
  /** Whether what is there came in several pieces, or from an earlier run. */
  #isPatched = false;
  #hasStartedOver = false;
  /** The whole image, sent to a request for a part of it. */
  #wholeInstead: OpenedData | null = null;
  #extentsBefore: Extents = [];
  #freshBytes = 0;
  /** All that came, what was there already too, and the time it took. */
  #received = 0;
  #seconds = 0;
  /** Tries after the first. */
  retries = 0;
  /** Bytes of an earlier run that were good. */
  resumedFrom = 0;

  constructor(source: DownloadSource, part: PartFile, options: TransferOptions) {
    this.#source = source;
    this.#part = part;
    this.#options = options;
    this.#size = source.image.size;
    this.#connections = options.connections;
    this.#promised = promisesOf(source.pinned, source.image.digests);
    // An answer can only bring an MD5, where the record has no digest.
    const algorithms = this.#promised.length === 0 ? (['md5'] as const) : this.#promised.map((each) => each.algorithm);
    this.#digester = createDigester([...algorithms, ...options.extraAlgorithms], this.#size);
    this.#digest = new FrontierDigest(this.#digester, part, options.observers);
    this.#buffers = new BufferPool(buffersForOne + buffersForMore * (options.connections - 1), options.bufferBytes);
    this.#writer = new PartWriter(part, this.#digest, this.#buffers, options.clock);
  }

  /** How fast bytes came, whatever became of them; null if none were asked for. */
  get bytesPerSecond(): number | null {
    return this.#received > 0 && this.#seconds > 0 ? this.#received / this.#seconds : null;
  }

  /**
   * Fetches what is missing.
   * @throws IntegrityError, SizeError; GlanceError `integrity.changed` if the image is another one meanwhile,
   * `integrity.unprovable`, `io.*`, what the source fails with; the signal's reason
   */
  async run(): Promise<Transferred> {
    try {
      await checkKept(this.#part, this.#digest, this.#buffers, this.#options);
      this.resumedFrom = this.#part.bytes;
      this.#isPatched = this.resumedFrom > 0;
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- a second time only after a mismatch
        const done = await this.#fetchAndVerify();
        if (done !== null) return done;
      }
    } finally {
      this.#digester.close();
    }
  }

  /** @returns null if it did not match and is to be fetched once more, over one connection and from the start */
  async #fetchAndVerify(): Promise<Transferred | null> {
    const { listen } = this.#options;
    try {
      await this.#fetchAll();
      await this.#digest.catchUp();
      const digests = await this.#digester.digests();
      const { bytes } = this.#digester;
      listen({ type: 'verify', algorithms: digests.map((digest) => digest.algorithm) });
      return { bytes, digests, verifiedBy: compareDigests(this.#promised, digests, bytes) };
    } catch (error) {
      if (!isMismatch(error)) throw error;
      // Data that went up between our look at the record and our request is another image, not a broken one.
      await this.#confirmImage();
      if (this.#hasStartedOver || !(this.#isPatched || isContradiction(error))) throw error;
      listen({ type: 'restart', code: error.code, message: `${error.message}; all of it is fetched once more` });
      await this.#startOver();
      return null;
    }
  }

  async #startOver(): Promise<void> {
    await this.#part.restart();
    this.#digest.forgetFrom(0);
    this.#hasStartedOver = true;
    this.#isPatched = false;
    this.#hasRanges = false;
    this.#connections = 1;
    this.resumedFrom = 0;
  }

  async #fetchAll(): Promise<void> {
    const startedAt = this.#options.clock.monotonic();
    try {
      await this.#fetchWithRetries();
    } catch (error) {
      if (!this.#isOfRanges(error)) throw error;
      const confirm = (): Promise<void> => this.#confirmImage();
      this.#wholeInstead = await openWholeAtLast(error, this.#source, this.#options.signal, confirm);
      this.#hasRanges = false;
      await this.#fetchWithRetries();
    }
    this.#seconds += (this.#options.clock.monotonic() - startedAt) / 1000;
  }

  /** Whether parts were asked for in vain: one was refused, or all that were given brought nothing. */
  #isOfRanges(error: unknown): boolean {
    return error === this.#rangeFailure || (this.#asksForGaps && this.#freshBytes === 0);
  }

  async #fetchWithRetries(): Promise<void> {
    const { clock, retry, signal, listen } = this.#options;
    await withRetries(
      {
        clock,
        policy: retry,
        signal,
        answered: this.#source.answered,
        madeProgress: () => this.#freshBytes >= progressThreshold,
        onRetry: ({ error, delayMs, nextAttempt }) => {
          this.retries++;
          if (error.code === 'http.429') this.#connections = Math.max(1, Math.floor(this.#connections / 2));
          const { code, message } = error;
          listen({ type: 'retry', attempt: nextAttempt, delayMs, code, message, bytes: this.#part.bytes });
        },
      },
      ({ number }) => this.#attempt(number),
    );
  }

  async #attempt(number: number): Promise<void> {
    this.#freshBytes = 0;
    this.#extentsBefore = this.#part.extents;
    if (number > 1) await this.#confirmImage();
    if (this.#size !== null && this.#part.frontier === this.#size && this.#size > 0) return;
    const canRange = this.#hasRanges && this.#size !== null;
    this.#asksForGaps = canRange && this.#part.bytes > 0;
    try {
      if (this.#asksForGaps) await this.#fetchGaps(this.#size ?? 0);
      else await this.#fetchWhole(canRange && this.#connections > 1, this.#wholeInstead);
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'http.range') throw error;
      this.#hasRanges = false;
      this.#asksForGaps = false;
      this.#extentsBefore = this.#part.extents;
      await this.#fetchWhole(false, this.#wholeInstead);
    }
  }

  /** Nothing is gone on with that may not be of this image any more. */
  async #confirmImage(): Promise<void> {
    const now = await this.#source.refresh(this.#options.signal);
    if (isSameImage(now, this.#source.image)) return;
    throw new GlanceError('integrity.changed', `${this.#source.name}: the image was replaced meanwhile`);
  }

  /** The whole stream; what is there already is compared with it. Other connections may help. */
  async #fetchWhole(withHelp: boolean, answer: OpenedData | null = null): Promise<void> {
    this.#wholeInstead = null;
    const opened = answer ?? (await this.#source.open(null, this.#options.signal));
    this.#accept(opened);
    const lanes = withHelp && this.#size !== null ? this.#createLanes(this.#size) : null;
    if (lanes === null) {
      await this.#receive(opened, () => Promise.resolve(null), this.#options.signal);
      this.#checkEnd(this.#part.frontier);
    } else await lanes.runBeside(opened);
  }

  async #fetchGaps(size: number): Promise<void> {
    this.#isPatched = true;
    await this.#createLanes(size).run();
  }

  #createLanes(size: number): Lanes {
    // Without a digest nothing but the bytes themselves tells that the store still has the same data.
    const overlap = this.#promised.length === 0 && this.#part.bytes > 0 ? overlapBytes : 0;
    return new Lanes({
      size,
      gaps: findGaps(this.#part.extents, { start: 0, end: size }),
      connections: this.#connections,
      overlap,
      signal: this.#options.signal,
      open: (range, signal) => this.#openRange(range, signal),
      receive: (opened, limit, signal) => this.#receive(opened, limit, signal),
      onRefused: () => {
        this.#hasRanges = false;
      },
    });
  }

  /** A store without ranges may answer with the whole image: then that is read. */
  async #openRange(range: Span, signal: AbortSignal): Promise<OpenedData> {
    const opened = await this.#source.open(range, signal).catch((error: unknown) => {
      this.#rangeFailure = error;
      throw error;
    });
    if (opened.start === range.start) {
      this.#isPatched = true;
      return opened;
    }
    if (this.#connections === 1 && this.#wholeInstead === null) this.#wholeInstead = opened;
    else opened.body.destroy();
    throw new GlanceError('http.range', 'the server answers a request for a part with the whole');
  }

  /** Looks at an answer before its data is used. */
  #accept(opened: OpenedData): void {
    if (this.#size === null) this.#size = opened.contentLength;
    if (this.#promised.length === 0) this.#promised = opened.digests;
    try {
      requireProof(this.#promised, this.#size, this.#source.requireDigest);
    } catch (error) {
      opened.body.destroy();
      throw error;
    }
  }

  async #receive(
    opened: OpenedData,
    limit: (position: number) => Promise<number | null>,
    signal: AbortSignal,
  ): Promise<number> {
    const { clock, rate, listen } = this.#options;
    const tell = createAnswerMeter(clock, this.#size, countBytes(this.#extentsBefore), listen);
    return await pump(opened.body, {
      position: opened.start,
      size: this.#size,
      limit,
      buffers: this.#buffers,
      rate,
      signal,
      put: (position, bytes) => this.#writer.put(position, bytes),
      onBytes: (position, count) => {
        const end = position + count;
        this.#received += count;
        const fresh = countBytes(findGaps(this.#extentsBefore, { start: position, end }));
        this.#freshBytes += fresh;
        tell(fresh > 0 ? this.#freshBytes : null, end);
      },
    });
  }

  /** A stream of unknown length proves by its digest that it is whole. */
  #checkEnd(actual: number): void {
    const expected = this.#size;
    if (expected === null || actual >= expected) return;
    throw truncatedError(expected, actual);
  }
}

function isContradiction(error: unknown): boolean {
  return error instanceof GlanceError && error.code === 'integrity.contradiction';
}
