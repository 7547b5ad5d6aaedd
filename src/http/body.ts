// The body of one answer as a Readable with back-pressure, a watch over silence, and GlanceErrors.
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';

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
  #ended = false;

  /**
   * @param stallTimeoutMs longest silence of the server while we are ready to read; 0 for no limit
   * @param onStall makes the error for it
   */
  constructor(source: BodySource, clock: Clock, stallTimeoutMs: number, onStall: () => Error) {
    super({ highWaterMark });
    this.#source = source;
    this.#silence = new SilenceWatch(clock, stallTimeoutMs, () => this.destroy(onStall()));
    this.#silence.start();
  }

  /** Takes bytes from the exchange. */
  feed(chunk: Buffer): void {
    this.#silence.noteActivity();
    if (!this.push(chunk)) {
      // Silence that we cause ourselves is not the server's.
      this.#silence.stop();
      this.#source.pause();
    }
  }

  /** The exchange is over and everything came. */
  finish(): void {
    this.#ended = true;
    this.#silence.stop();
    this.push(null);
  }

  override _read(): void {
    if (this.#ended) return;
    this.#silence.start();
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#silence.stop();
    if (!this.#ended) {
      this.#ended = true;
      this.#source.abort(error ?? new Error('the reader hung up'));
    }
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
    this.#cancel = this.#clock.startTimer(delayMs, () => {
      this.#cancel = null;
      const leftMs = this.#limitMs - (this.#clock.monotonic() - this.#lastActivity);
      if (leftMs > 0) this.#arm(leftMs);
      else this.#onSilence();
    });
  }
}
