// The body of one answer as a Readable with back-pressure, a watch over silence, and GlanceErrors.
import { Readable } from 'node:stream';
import { type Clock, startPatientTimer } from '../clock.ts';
import { HeldChunk } from './held-chunk.ts';

/** What the body can ask of the exchange it belongs to. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** Hangs up. */
  abort(reason: Error): void;
}

/** Bytes read ahead of the consumer. */
const highWaterMark = 256 * 1024;

/** A body fed by an exchange. Destroying it hangs up; nothing is drained. */
export class ResponseBody extends Readable {
  readonly #source: BodySource;
  readonly #silence: SilenceWatch;
  readonly #pace: PaceWatch;
  readonly #isTimed: boolean;
  #ended = false;
  /** The first that came, until somebody asks. */
  #held: HeldChunk | null = null;
  #isAsked = false;
  #taker: { readonly take: (chunk: Uint8Array) => boolean; readonly end: (error: Error | null) => void } | null = null;

  /**
   * @param stallTimeoutMs longest silence of the server while we are ready to read; 0 for no limit
   * @param onStall makes the error for it
   * @param onSlow makes the error for a body that hardly moves, given its bytes a second
   */
  constructor(
    source: BodySource,
    clock: Clock,
    stallTimeoutMs: number,
    onStall: () => Error,
    onSlow: (bytesPerSecond: number) => Error,
  ) {
    super({ highWaterMark });
    this.#source = source;
    this.#silence = new SilenceWatch(clock, stallTimeoutMs, () => this.destroy(onStall()));
    this.#silence.start();
    this.#pace = new PaceWatch(clock, (rate) => this.destroy(onSlow(rate)));
    this.#isTimed = stallTimeoutMs > 0;
    if (this.#isTimed) this.#pace.start();
  }

  /** Takes bytes from the exchange. They are the socket's, and good until this returns. */
  feed(chunk: Buffer): void {
    this.#silence.noteActivity();
    this.#pace.note(chunk.length);
    if (!this.#pass(chunk)) {
      // Silence that we cause ourselves is not the server's.
      this.#silence.stop();
      this.#pace.stop();
      this.#source.pause();
    }
  }

  /** @returns whether more may come */
  #pass(chunk: Buffer): boolean {
    if (this.#taker !== null) return this.#taker.take(chunk);
    if (!this.#isAsked && this.#held === null) {
      this.#held = new HeldChunk(chunk);
      return chunk.length < highWaterMark;
    }
    this.#pushHeld();
    return this.push(Buffer.from(chunk));
  }

  #pushHeld(): void {
    const held = this.#held;
    this.#isAsked = true;
    this.#held = null;
    if (held !== null) this.push(held.bytes);
  }

  /** The exchange is over and everything came. */
  finish(): void {
    this.#ended = true;
    this.#silence.stop();
    this.#pace.stop();
    this.#taker?.end(null);
    // What is held comes before the end.
    if (this.#held === null) this.push(null);
  }

  /**
   * Hands the rest of the bytes to `take` as they come, without a copy and without the stream in between: each chunk is
   * good only until `take` returns. When it returns false nothing more comes until {@link takeMore}, but for what was
   * under way. Nobody else may read.
   * @returns kept at the end of the body; broken by what destroys it
   */
  takeOver(take: (chunk: Uint8Array) => boolean): Promise<void> {
    // The promise tells of failures; nobody else listens.
    this.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      const end = (error: Error | null): void => (error === null ? resolve() : reject(error));
      // What came before anybody asked.
      const held = this.#held;
      this.#held = null;
      if (held !== null) {
        take(held.bytes);
        held.release();
      }
      for (let chunk: unknown = this.read(); chunk !== null; chunk = this.read()) take(chunk as Buffer);
      if (this.#ended || this.destroyed) end(this.errored);
      else this.#taker = { take, end };
    });
  }

  /** Goes on after `take` returned false. */
  takeMore(): void {
    if (this.#ended) return;
    this.#silence.start();
    if (this.#isTimed) this.#pace.start();
    this.#source.resume();
  }

  override _read(): void {
    this.#pushHeld();
    if (this.#ended) this.push(null);
    this.takeMore();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#silence.stop();
    this.#pace.stop();
    if (!this.#ended) {
      this.#ended = true;
      this.#source.abort(error ?? new Error('the reader hung up'));
    }
    this.#taker?.end(error ?? new Error('the reader hung up'));
    callback(error);
  }
}

/** Calls back once nothing has happened for a while. One timer, however many chunks pass. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #cancel: (() => void) | null = null;
  #lastActivity = 0;

  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
  }

  start(): void {
    if (this.#limitMs === 0 || this.#cancel !== null) return;
    this.#lastActivity = this.#clock.monotonic();
    this.#arm(this.#limitMs);
  }

  noteActivity(): void {
    this.#lastActivity = this.#clock.monotonic();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(delayMs: number): void {
    this.#cancel = startPatientTimer(this.#clock, delayMs, () => {
      this.#cancel = null;
      const leftMs = this.#limitMs - (this.#clock.monotonic() - this.#lastActivity);
      if (leftMs > 0) this.#arm(leftMs);
      else this.#onSilence();
    });
  }
}

const paceWindowMs = 120_000;
/** Fewer than this are no transfer but a way to hold a connection. */
const leastBytesPerSecond = 1024;

/** Calls back when a body trickles: each byte in time, but too few for anything ever to arrive. */
class PaceWatch {
  readonly #clock: Clock;
  readonly #onSlow: (bytesPerSecond: number) => void;
  #cancel: (() => void) | null = null;
  #bytes = 0;

  constructor(clock: Clock, onSlow: (bytesPerSecond: number) => void) {
    this.#clock = clock;
    this.#onSlow = onSlow;
  }

  /** Begins a window, unless one is open. One in which we held the server up is closed by {@link stop} and does not count. */
  start(): void {
    if (this.#cancel !== null) return;
    this.#bytes = 0;
    this.#cancel = startPatientTimer(this.#clock, paceWindowMs, () => {
      const rate = (this.#bytes * 1000) / paceWindowMs;
      this.#cancel = null;
      if (rate < leastBytesPerSecond) this.#onSlow(rate);
      else this.start();
    });
  }

  note(bytes: number): void {
    this.#bytes += bytes;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
