// The body of one response as a Readable with back-pressure, a watch for silence, and GlanceErrors.
import { Readable } from 'node:stream';
import { type Clock, startPatientTimer } from '../clock.ts';
import { HeldChunk } from './held-chunk.ts';

/** What the body needs from its exchange. */
interface BodySource {
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  abort(reason: Error): void;
}

/** Bytes read ahead of the consumer. */
const highWaterMark = 256 * 1024;

/** A body fed by an exchange. Destroying it closes the connection; nothing is drained. */
export class ResponseBody extends Readable {
  readonly #source: BodySource;
  readonly #silence: SilenceWatch;
  readonly #pace: PaceWatch;
  readonly #isTimed: boolean;
  #ended = false;
  /** The first chunks, kept until somebody reads them. */
  #held: HeldChunk | null = null;
  #isAsked = false;
  #taker: { readonly take: (chunk: Uint8Array) => boolean; readonly end: (error: Error | null) => void } | null = null;

  /**
   * @param stallTimeoutMs longest silence of the server while we are ready to read, milliseconds; 0 for no limit
   * @param onStall creates the error for such a silence
   * @param onSlow creates the error for a body that hardly moves, from its bytes a second
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

  /** Takes bytes from the exchange. They belong to the socket, and are valid until this returns. */
  feed(chunk: Buffer): void {
    this.#silence.noteActivity();
    this.#pace.note(chunk.length);
    if (!this.#pass(chunk)) {
      // Silence that we cause ourselves is not the server's fault.
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

  /** Call when the exchange is over and everything has arrived. */
  finish(): void {
    this.#ended = true;
    this.#silence.stop();
    this.#pace.stop();
    this.#taker?.end(null);
    // Bytes held back come before the end.
    if (this.#held === null) this.push(null);
  }

  /**
   * Passes the remaining bytes to `take` as they arrive, without a copy and without the stream in between: each chunk is
   * valid only until `take` returns. If it returns false, nothing more comes until {@link takeMore}, except what was
   * already on its way. Nobody else may read.
   * @returns resolves at the end of the body; rejects with what destroys it
   */
  takeOver(take: (chunk: Uint8Array) => boolean): Promise<void> {
    // The promise reports failures; nobody else listens.
    this.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      const end = (error: Error | null): void => (error === null ? resolve() : reject(error));
      // Bytes that arrived before anybody asked for them.
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

  /** Resumes after `take` returned false. */
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
      this.#source.abort(error ?? new Error('the reader closed the stream'));
    }
    this.#taker?.end(error ?? new Error('the reader closed the stream'));
    callback(error);
  }
}

/** Calls back when nothing has happened for a while. Uses one timer, however many chunks pass. */
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
/** Below this rate, it is not a transfer but merely keeps a connection occupied. */
const leastBytesPerSecond = 1024;

/** Calls back when a body trickles: no single byte is late, but at this rate the body would never be complete. */
class PaceWatch {
  readonly #clock: Clock;
  readonly #onSlow: (bytesPerSecond: number) => void;
  #cancel: (() => void) | null = null;
  #bytes = 0;

  constructor(clock: Clock, onSlow: (bytesPerSecond: number) => void) {
    this.#clock = clock;
    this.#onSlow = onSlow;
  }

  /** Opens a window, unless one is open. {@link stop} discards one in which we held the server up. */
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
