// What the consumers of TransferEvents have in common: their options, their interface, and the wording of events.
import type { Writable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { ToldWaits } from '../../retry.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';
import { escapeControls } from '../../text/escape.ts';
import type { Style } from '../style.ts';
import type { FleetListener } from './fleet.ts';

export interface ProgressOptions {
  /** The stream on which it is shown. If writing fails, no progress is shown, and nothing else happens. */
  readonly stream: Writable & { readonly columns?: number; readonly rows?: number };
  /** Whether the stream is a terminal that can redraw a line. */
  readonly isTTY: boolean;
  /** Cells of that terminal, if the stream does not know them. */
  readonly columns: number;
  readonly clock: Clock;
  readonly style: Style;
}

/** Several transfers at once. Announce each before the first one begins. */
interface SeveralProgress {
  /**
   * @param name for people
   * @param size bytes in all; null if not known yet
   * @param image for programs; absent: the name
   */
  readonly member: (name: string, size: number | null, image?: string) => TransferListener;
}

export interface Progress {
  /** Takes the events of a single transfer. */
  readonly listen: TransferListener;
  /** Shows several transfers instead. */
  readonly several: () => SeveralProgress;
  /** Shows a fleet instead. */
  readonly fleet: () => FleetListener;
  /** Restores the terminal. May be called more than once. */
  readonly stop: () => void;
}

/** Puts into words what people should know even if they are not watching. */
export class Turns {
  /** A server that limits requests gives this answer again and again, to every transfer. */
  readonly #limits: ToldWaits;

  constructor(clock: Clock) {
    this.#limits = new ToldWaits(clock);
  }

  /**
   * One line about an event, safe for a terminal; null for events of no interest, and for those already reported.
   * @param name of the transfer, if there are several
   */
  describe(event: TransferEvent, name: string | null): string | null {
    const prefix = name === null ? '' : `${escapeControls(name)}: `;
    if (event.event === 'restart') return prefix + escapeControls(event.message);
    if (event.event !== 'retry') return null;
    const { attempt, delay_ms: delayMs, code, message } = event;
    if (code === 'http.429' && !this.#limits.isNews(withoutRequestId(message), delayMs)) return null;
    return `${prefix}${escapeControls(message)}; attempt ${String(attempt)} in ${(delayMs / 1000).toFixed(1)} s`;
  }
}

/** Servers put an id into their text that is another one for each request. */
function withoutRequestId(message: string): string {
  return message
    .split(' ')
    .filter((word) => !word.includes('req-'))
    .join(' ');
}
