// Fetches one image into a stream that cannot take anything back, and verifies it as it passes. After a break the store is asked
// for the rest. A store without ranges sends all of it again, and the part that was already passed on is compared by digest.
import type { DigestAlgorithm } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { countOf } from '../text/count.ts';
import { progressThreshold, withRetries } from '../retry.ts';
import { createDigester, type Digester, equalDigests } from './digest/digester.ts';
import type { BufferPool } from './flow/buffers.ts';
import type { Transferred, TransferTask } from './transfer-task.ts';
import { createMeter } from './flow/meter.ts';
import { isSameImage } from './part/part-record.ts';
import { compareDigests, type Expectation, expectationOf, learnFrom } from './digest/promises.ts';
import { pump } from './flow/pump.ts';
import { type DownloadSource, type OpenedData, replacedError } from './flow/source.ts';
import { excessError, truncatedError } from './flow/size-errors.ts';
import type { FetchState } from './transfer-plan.ts';
import { openWholeAtLast } from './whole-at-last.ts';

interface StreamTransferOptions extends Omit<TransferTask, 'connections' | 'bufferBytes'> {
  /**
   * Gathers chunks before they are passed on, for a consumer that has taken them in completely once its promise
   * resolves. Absent: chunks are passed on as they arrive.
   */
  readonly buffers?: BufferPool | undefined;
}

export class StreamTransfer {
  readonly #source: DownloadSource;
  readonly #write: (chunk: Uint8Array) => Promise<void>;
  readonly #options: StreamTransferOptions;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #tell: (bytes: number) => void;
  #expected: Expectation;
  #digester: Digester;
  /** Bytes passed on. */
  #passed = 0;
  /** A refusal holds for the rest of the transfer. */
  #ranges: FetchState['ranges'] = 'expected';
  /** The present attempt: how much had been passed on before it, and the error with which it was refused a range. */
  #attempt: { readonly passed: number; rangeFailure: unknown } = { passed: 0, rangeFailure: null };
  /** Retries after the first attempt. */
  retries = 0;

  constructor(source: DownloadSource, write: (chunk: Uint8Array) => Promise<void>, options: StreamTransferOptions) {
    this.#source = source;
    this.#write = write;
    this.#options = options;
    this.#expected = expectationOf(source);
    const { size, promised } = this.#expected;
    // The most that a response can supply is an MD5; without any digest, a second reading could not be compared with the first.
    const needed = promised.length === 0 ? (['md5'] as const) : promised.map((each) => each.algorithm);
    this.#algorithms = [...needed, ...options.extraAlgorithms];
    this.#digester = createDigester(this.#algorithms, size);
    this.#tell = createMeter(options.clock, size, options.listen);
  }

  /**
   * Passes the image on.
   * @throws IntegrityError, SizeError; GlanceError `integrity.changed`, `integrity.contradiction`, `integrity.unprovable`;
   * what the source or the stream fails with; the signal's reason
   */
  async run(): Promise<Transferred> {
    const { signal, listen } = this.#options;
    try {
      try {
        await this.#passWithRetries(null);
      } catch (error) {
        if (error !== this.#attempt.rangeFailure) throw error;
        const whole = await openWholeAtLast(error, this.#source, signal, () => this.#confirmImage());
        this.#ranges = 'refused';
        await this.#passWithRetries(whole);
      }
      const digests = await this.#digester.digests();
      listen({ event: 'verify', algorithms: digests.map((digest) => digest.algorithm) });
      const bytes = this.#passed;
      return { bytes, digests, verifiedBy: compareDigests(this.#expected.promised, digests, bytes, this.#source.name) };
    } finally {
      this.#digester.close();
    }
  }

  /** @param whole the response for the first attempt to read; null if it has to send a request */
  async #passWithRetries(whole: OpenedData | null): Promise<void> {
    const { clock, retry, signal, listen } = this.#options;
    let answer = whole;
    await withRetries(
      {
        clock,
        policy: retry,
        signal,
        answered: this.#source.answered,
        madeProgress: () => this.#passed - this.#attempt.passed >= progressThreshold,
        onRetry: ({ error, delayMs, nextAttempt }) => {
          this.retries++;
          const { code, message } = error;
          listen({ event: 'retry', attempt: nextAttempt, delay_ms: delayMs, code, message, bytes: this.#passed });
        },
      },
      async ({ number }) => {
        this.#attempt = { passed: this.#passed, rangeFailure: null };
        if (number > 1) await this.#confirmImage();
        const given = answer;
        answer = null;
        await this.#try(given ?? (await this.#open()));
      },
    );
  }

  async #try(opened: OpenedData): Promise<void> {
    this.#expected = learnFrom(this.#expected, opened, this.#source.requireDigest);
    try {
      if (opened.start === this.#passed) await this.#receive(opened);
      else await this.#receiveAgain(opened);
    } finally {
      opened.body.destroy();
    }
    this.#checkEnd();
  }

  async #confirmImage(): Promise<void> {
    const now = await this.#source.refresh(this.#options.signal);
    if (isSameImage(now, this.#source.image)) return;
    throw replacedError(this.#source, 'what was already passed on cannot be taken back; run the command again');
  }

  async #open(): Promise<OpenedData> {
    const { signal } = this.#options;
    // Without a digest, only the bytes themselves show that the store still has the same data: all are read again.
    const { size, promised } = this.#expected;
    const canRange = this.#ranges === 'expected' && promised.length > 0;
    if (canRange && this.#passed > 0 && size !== null && this.#passed < size) {
      try {
        return await this.#source.open({ start: this.#passed, end: size }, signal);
      } catch (error) {
        this.#attempt.rangeFailure = error;
        if (!(error instanceof GlanceError) || error.code !== 'http.range') throw error;
        this.#ranges = 'refused';
      }
    }
    return await this.#source.open(null, signal);
  }

  async #receive({ body }: OpenedData): Promise<void> {
    const { buffers } = this.#options;
    if (buffers !== undefined) await this.#receiveGathered(body, buffers);
    else for await (const chunk of body as AsyncIterable<Buffer>) await this.#passOn(chunk);
  }

  /** Gathers large pieces in shared memory, so that digest threads get few messages and no copies. */
  async #receiveGathered(body: OpenedData['body'], buffers: BufferPool): Promise<void> {
    const { rate, signal, observers } = this.#options;
    await pump(body, {
      position: this.#passed,
      size: this.#expected.size,
      limit: () => Promise.resolve(null),
      buffers,
      rate,
      signal,
      put: (_position, bytes) => {
        const digested = this.#digester.update(bytes);
        for (const observer of observers) observer.update(bytes);
        return { written: this.#write(bytes).then(() => void (this.#passed += bytes.length)), digested };
      },
      onBytes: (position, count) => this.#tell(position + count),
    });
  }

  /** Reads from the first byte again: the part that was passed on is compared, the rest is passed on. */
  async #receiveAgain({ body }: OpenedData): Promise<void> {
    const { size } = this.#expected;
    const again = createDigester(this.#algorithms, size);
    const passed = this.#passed;
    const before = await this.#digester.digests();
    let position = 0;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const known = Math.min(chunk.length, passed - position);
        if (known > 0) await again.update(chunk.subarray(0, known));
        position += known;
        if (known > 0 && position === passed && !equalDigests(await again.digests(), before)) throw changed(passed);
        if (known < chunk.length) await this.#passOn(chunk.subarray(known));
      }
    } finally {
      again.close();
    }
    if (position < passed) throw size === null ? changed(position) : truncatedError(size, position);
  }

  async #passOn(chunk: Uint8Array): Promise<void> {
    const { rate, signal, observers } = this.#options;
    const { size } = this.#expected;
    if (size !== null && this.#passed + chunk.length > size) throw excessError(size, this.#passed + chunk.length);
    await rate.pass(chunk.length, signal);
    const digested = this.#digester.update(chunk);
    for (const observer of observers) observer.update(chunk);
    try {
      await this.#write(chunk);
    } finally {
      await digested;
    }
    this.#passed += chunk.length;
    this.#tell(this.#passed);
  }

  #checkEnd(): void {
    const { size } = this.#expected;
    if (size !== null && this.#passed < size) throw truncatedError(size, this.#passed);
  }
}

function changed(bytes: number): GlanceError {
  const text = `after a break the server sends different data than before, within the first ${countOf(bytes, 'byte')}`;
  return new GlanceError('integrity.contradiction', text, {
    hint: 'what was already passed on cannot be taken back; run the command again',
  });
}
