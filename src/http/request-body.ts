// A body on its way to a server: in pieces, as fast as they are taken, with a watch over a server that takes no more.
import type { Clock } from '../clock.ts';
import { SilenceWatch } from './body.ts';

/** Bytes that come one after the other. They can be sent only once. */
export interface BodyStream {
  /** Of all of it, bytes. */
  readonly length: number;
  /** Asked for the next when there is room for it. A chunk is not to be changed once it was given. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What can be sent. */
export type BodyContent = string | Uint8Array | BodyStream;

/** Bytes sent at a time: a server that takes fewer in the time of a stall does not count as taking any. */
const pieceBytes = 64 * 1024;

export interface SendingEvents {
  readonly onBegin: () => void;
  readonly onSent: () => void;
  readonly onStall: () => void;
  /** What gives the bytes has failed. */
  readonly onSourceFailure: (error: Error) => void;
}

/** Sends one body once. */
export class BodySender {
  readonly length: number;
  readonly pieces: AsyncGenerator<Uint8Array, void>;
  readonly #source: AsyncIterable<Uint8Array> | readonly Uint8Array[];
  readonly #silence: SilenceWatch;
  readonly #events: SendingEvents;
  readonly #isStream: boolean;
  #hasBegun = false;
  #isAnswered = false;

  /** @param stallTimeoutMs longest time in which the server takes nothing; 0 for no limit */
  constructor(content: Uint8Array | BodyStream, clock: Clock, stallTimeoutMs: number, events: SendingEvents) {
    this.#isStream = !(content instanceof Uint8Array);
    this.#source = content instanceof Uint8Array ? [content] : content.chunks;
    this.length = content.length;
    this.#silence = new SilenceWatch(clock, stallTimeoutMs, events.onStall);
    this.#events = events;
    this.pieces = this.#cut();
  }

  /** Whether the same content can be sent once more. */
  get isRepeatable(): boolean {
    return !this.#isStream || !this.#hasBegun;
  }

  /** The server has answered, perhaps before it had everything: from now on it is its answer that is waited for. */
  noteAnswer(): void {
    this.#isAnswered = true;
    this.#silence.stop();
  }

  /** Nothing more is sent, and whoever gives the bytes is told. */
  stop(): void {
    this.#silence.stop();
    this.pieces.return().catch(() => undefined);
  }

  async *#cut(): AsyncGenerator<Uint8Array, void> {
    this.#hasBegun = true;
    this.#events.onBegin();
    try {
      yield* this.#cutSource();
    } catch (error) {
      this.#events.onSourceFailure(error as Error);
      throw error;
    } finally {
      this.#silence.stop();
    }
    this.#events.onSent();
  }

  async *#cutSource(): AsyncGenerator<Uint8Array, void> {
    let left = this.length;
    for await (const chunk of this.#source) {
      left -= chunk.length;
      if (left < 0) break;
      // Only while something waits to be taken: what we wait for ourselves is not the server's fault.
      if (!this.#isAnswered) this.#silence.start();
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        this.#silence.noteActivity();
        yield chunk.subarray(at, at + pieceBytes);
      }
      this.#silence.stop();
    }
    if (left !== 0)
      throw new RangeError(`the body has ${left < 0 ? 'more' : 'fewer'} bytes than ${String(this.length)}`);
  }
}
