// Sends a body in pieces, as fast as the server accepts them, and notices if it stops: a server that accepts nothing for the stall
// timeout has stalled. A stream is sent only once.
import type { Clock } from '../clock.ts';
import { SilenceWatch } from './body.ts';

/** A sequence of bytes. They can be sent only once. */
export interface BodyStream {
  /** Bytes in all. */
  readonly length: number;
  /** Asked for the next chunk when there is room for it. A chunk must not change once it is handed out. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What can be sent. */
export type BodyContent = string | Uint8Array | BodyStream;

/** Bytes sent at a time: a server that takes fewer within the stall timeout counts as taking none. */
const pieceBytes = 64 * 1024;

interface SendingEvents {
  readonly onBegin: () => void;
  readonly onSent: () => void;
  readonly onStall: () => void;
  /** The source of the bytes has failed. */
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

  /** @param stallTimeoutMs longest time in which the server accepts nothing; 0 for no limit */
  constructor(content: Uint8Array | BodyStream, clock: Clock, stallTimeoutMs: number, events: SendingEvents) {
    this.#isStream = !(content instanceof Uint8Array);
    this.#source = content instanceof Uint8Array ? [content] : content.chunks;
    this.length = content.length;
    this.#silence = new SilenceWatch(clock, stallTimeoutMs, events.onStall);
    this.#events = events;
    this.pieces = this.#cut();
  }

  /** Whether the same content can be sent again. */
  get isRepeatable(): boolean {
    return !this.#isStream || !this.#hasBegun;
  }

  /** The server has begun to answer, perhaps before it had everything: from now on we wait for its answer. */
  noteAnswer(): void {
    this.#isAnswered = true;
    this.#silence.stop();
  }

  /** Stops sending, and tells the source of the bytes. */
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
      // Only while bytes are waiting: if we have none to send, the server is not at fault.
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
